using System.Runtime.InteropServices;

namespace RsyncFs.Devices;

/// <summary>
/// Memory that begins on a page boundary, as direct I/O wants it, and that is never moved. Whoever makes one keeps
/// and reuses it: fresh memory costs more than the read that fills it.
/// </summary>
public sealed class AlignedBuffer
{
    /// <summary>The boundary, in bytes, on which the memory begins.</summary>
    public const int AlignmentBytes = 4096;

    /// <summary>Takes <paramref name="lengthBytes"/> bytes, all zero, each page touched.</summary>
    public AlignedBuffer(int lengthBytes)
    {
        var bytes = GC.AllocateArray<byte>(lengthBytes + AlignmentBytes, pinned: true);
        bytes.AsSpan().Clear();
        var misalignment = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0) & (AlignmentBytes - 1));
        Memory = bytes.AsMemory((AlignmentBytes - misalignment) % AlignmentBytes, lengthBytes);
    }

    /// <summary>All of it.</summary>
    public Memory<byte> Memory { get; }

    /// <summary>All of it.</summary>
    public Span<byte> Span => Memory.Span;
}
