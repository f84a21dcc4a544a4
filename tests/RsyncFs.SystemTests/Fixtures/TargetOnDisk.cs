using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// What the state file of a target says, read from its bytes as docs/FORMATS.md tells them and not by the code under
/// test. Nobody needs to be at rest for that.
/// </summary>
/// <param name="Status">The word for what it is.</param>
/// <param name="Sequence">The number of the write that said so.</param>
/// <param name="Generation">The generation, 32 hexadecimal digits.</param>
/// <param name="Pending">The generation on its way; all zero if there is none.</param>
/// <param name="Seed">The seed of its volume's hash.</param>
internal sealed record TargetOnDisk(
    string Status,
    ulong Sequence,
    string Generation,
    string Pending,
    ulong Seed
)
{
    private const int SlotBytes = 512;
    private const int SlotDistanceBytes = 1024 * 1024;
    private const int HashedBytes = 480;
    private const int StatusAt = 10;
    private const int SequenceAt = 12;
    private const int SeedAt = 61;
    private const int GenerationAt = 97;
    private const int PendingAt = 353;
    private const int IdBytes = 16;

    private static readonly string[] Words =
    [
        "?",
        "empty",
        "initializing",
        "consistent",
        "committed",
        "direct",
        "faulted",
        "diverged",
        "primary",
        "adopted",
        "released",
    ];

    /// <summary>True if it is at the generation that it was at.</summary>
    public bool IsAt(TargetOnDisk? other) =>
        string.Equals(Generation, other?.Generation, StringComparison.Ordinal);

    /// <summary>Reads the newer of the two slots; null if there is no whole one.</summary>
    public static TargetOnDisk? TryRead(string stateFile)
    {
        TargetOnDisk? newest = null;
        try
        {
            using var file = DeviceBytes.OpenToRead(stateFile);
            foreach (var at in (long[])[0, SlotDistanceBytes])
            {
                var slot = new byte[SlotBytes];
                if (RandomAccess.Read(file, slot, at) != SlotBytes || !IsWhole(slot))
                {
                    continue;
                }

                var found = Decode(slot);
                newest = newest is null || found.Sequence > newest.Sequence ? found : newest;
            }
        }
        catch (IOException)
        {
            // There is none yet.
        }

        return newest;
    }

    private static bool IsWhole(byte[] slot) =>
        SHA256.HashData(slot.AsSpan(0, HashedBytes)).AsSpan().SequenceEqual(slot.AsSpan(HashedBytes));

    private static TargetOnDisk Decode(byte[] slot) =>
        new(
            slot[StatusAt] < Words.Length ? Words[slot[StatusAt]] : "?",
            BinaryPrimitives.ReadUInt64LittleEndian(slot.AsSpan(SequenceAt)),
            Convert.ToHexStringLower(slot.AsSpan(GenerationAt, IdBytes)),
            Convert.ToHexStringLower(slot.AsSpan(PendingAt, IdBytes)),
            BinaryPrimitives.ReadUInt64LittleEndian(slot.AsSpan(SeedAt))
        );
}
