using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>Ids, seeds and samples that are the same in every run.</summary>
internal sealed class SeededNumbers(ulong seed) : RandomNumberGenerator
{
    private readonly Dice _dice = new(seed);

    /// <inheritdoc/>
    public override void GetBytes(byte[] data)
    {
        var word = new byte[sizeof(ulong)];
        lock (_dice)
        {
            for (var at = 0; at < data.Length; at += word.Length)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(word, _dice.Next());
                word.AsSpan(0, Math.Min(word.Length, data.Length - at)).CopyTo(data.AsSpan(at));
            }
        }
    }
}
