using System.Runtime.InteropServices;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// Random bytes that depend on nothing but a seed and the place, so that any part of them can be made again. The
/// numbers are those of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
/// </summary>
internal sealed class RandomContent(ulong seed)
{
    private const int WordBytes = sizeof(ulong);
    private const int PieceBytes = 4 * 1024 * 1024;

    /// <summary>Fills <paramref name="content"/> with the bytes from <paramref name="offsetBytes"/> on, both multiples of 8.</summary>
    public void Fill(long offsetBytes, Span<byte> content)
    {
        const ulong Golden = 0x9e3779b97f4a7c15;
        var state = seed + ((ulong)(offsetBytes / WordBytes) * Golden);
        foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(content))
        {
            state += Golden;
            var mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
            word = mixed ^ (mixed >> 31);
        }
    }

    /// <summary>Durably writes the bytes of a range, multiples of 8, to the same range of a device or file.</summary>
    public void WriteTo(string path, long offsetBytes, long lengthBytes)
    {
        using var device = DeviceBytes.OpenToWrite(path);
        var piece = new byte[(int)Math.Min(lengthBytes, PieceBytes)];
        for (var end = offsetBytes + lengthBytes; offsetBytes < end; )
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, end - offsetBytes));
            Fill(offsetBytes, part);
            RandomAccess.Write(device, part, offsetBytes);
            offsetBytes += part.Length;
        }

        RandomAccess.FlushToDisk(device);
    }
}
