using System.Buffers.Binary;

namespace RsyncFs.Fuzz;

/// <summary>Makes inputs of inputs: a few small changes, most of them of the kind that a reader must be wary of.</summary>
internal sealed class Mutator(Dice dice, IReadOnlyList<byte[]> words, int maxLength)
{
    private const int MostChangesBits = 5;

    // What lengths, counts and offsets are checked against, and one to each side.
    private static readonly ulong[] Edges =
    [
        0,
        1,
        2,
        0x7F,
        0x80,
        0xFF,
        0x100,
        0x1FF,
        0x200,
        0xFFF,
        0x1000,
        0x1001,
        0x7FFF,
        0x8000,
        0xFFFF,
        0x10000,
        0x3FFFFF,
        0x400000,
        0x400001,
        0x7FFFFFFF,
        0x80000000,
        0xFFFFFFFF,
        0x100000000,
        0x7FFFFFFFFFFFFFFF,
        0x8000000000000000,
        0xFFFFFFFFFFFFFFFF,
    ];

    /// <summary>One to 32 changes, few more often than many. <paramref name="other"/> is what a part may be taken from.</summary>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(input);
        for (var left = 1 << dice.Below(dice.Below(MostChangesBits + 1) + 1); left > 0; left--)
        {
            Change(bytes, other);
        }

        if (bytes.Count > maxLength)
        {
            bytes.RemoveRange(maxLength, bytes.Count - maxLength);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes, byte[] other)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)dice.Next());
            return;
        }

        var at = dice.Below(bytes.Count);
        switch (dice.Below(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << dice.Below(8));
                break;
            case 1:
                bytes[at] = (byte)dice.Next();
                break;
            case 2:
                bytes[at] += (byte)(dice.OneIn(2) ? 1 : 255);
                break;
            case 3:
                Overwrite(bytes, at, Edge());
                break;
            case 4:
                bytes.InsertRange(at, Edge());
                break;
            case 5:
                bytes.RemoveRange(at, Length(bytes.Count - at));
                break;
            case 6:
                var part = bytes.GetRange(at, Length(bytes.Count - at));
                bytes.InsertRange(dice.Below(bytes.Count + 1), part);
                break;
            case 7 when other.Length > 0:
                var from = dice.Below(other.Length);
                Overwrite(bytes, at, other.AsSpan(from, Length(other.Length - from)).ToArray());
                break;
            case 8 when other.Length > 0:
                // The head of one, the tail of the other.
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[Math.Min(at, other.Length)..]);
                break;
            case 9 when words.Count > 0:
                Overwrite(bytes, at, words[dice.Below(words.Count)]);
                break;
            default:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
    }

    // Short parts more often than long ones.
    private int Length(int most) => 1 + dice.Below(Math.Min(most, 1 << dice.Below(12)));

    private byte[] Edge()
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Edges[dice.Below(Edges.Length)]);
        return bytes[..(1 << dice.Below(4))];
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] part)
    {
        for (var i = 0; i < part.Length && at + i < bytes.Count; i++)
        {
            bytes[at + i] = part[i];
        }
    }
}
