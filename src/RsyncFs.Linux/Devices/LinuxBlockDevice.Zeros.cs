using RsyncFs.Blocks;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <content>How zeros come onto a device. A thin volume gives whole blocks of its pool back; anything else is zeroed.</content>
public sealed unsafe partial class LinuxBlockDevice
{
    private readonly Lazy<ThinBlocks?> _pool;

    /// <summary>
    /// Of a thin volume, whole blocks of the pool are discarded, and proven: what does not read as zeros then is zeroed
    /// out after all. Everything else is zeroed out; a discard alone promises nothing.
    /// </summary>
    private protected override void ZeroAligned(Extent extent)
    {
        if (_pool.Value?.WholeIn(extent) is not { } whole || !TryDiscard(whole))
        {
            ZeroOut(extent);
            return;
        }

        ZeroOut(new Extent(extent.OffsetBytes, whole.OffsetBytes - extent.OffsetBytes));
        ZeroOut(new Extent(whole.EndBytes, extent.EndBytes - whole.EndBytes));
        ZeroOutWhatIsLeft(whole);
    }

    /// <summary>BLKDISCARD; false if the device has none, or none any more.</summary>
    private bool TryDiscard(Extent extent)
    {
        var errno = Control(LibC.BlkDiscard, extent);
        if (errno == Errno.NotSupported)
        {
            return false;
        }

        ThrowIf("BLKDISCARD", extent, errno);
        CountWritten(extent.OffsetBytes, extent.LengthBytes);
        return true;
    }

    private void ZeroOutWhatIsLeft(Extent extent)
    {
        var bounce = RentBounce();
        try
        {
            for (var offset = extent.OffsetBytes; offset < extent.EndBytes; offset += BounceBuffers.SizeBytes)
            {
                var length = (int)Math.Min(BounceBuffers.SizeBytes, extent.EndBytes - offset);
                fixed (byte* memory = bounce.Span)
                {
                    ReadDirect(offset, memory, length, least: length);
                }

                if (!Zeros.IsZero(bounce.Span[..length]))
                {
                    ZeroOut(new Extent(offset, length));
                }
            }
        }
        finally
        {
            ReturnBounce(bounce);
        }
    }

    /// <summary>BLKZEROOUT: zeros for certain, by whatever way the device has.</summary>
    private void ZeroOut(Extent extent)
    {
        if (extent.LengthBytes == 0)
        {
            return;
        }

        var errno = Control(LibC.BlkZeroOut, extent);
        if (errno == Errno.NotSupported)
        {
            WriteZeros(extent);
            return;
        }

        ThrowIf("BLKZEROOUT", extent, errno);
        CountWritten(extent.OffsetBytes, extent.LengthBytes);
    }

    private int Control(uint request, Extent extent)
    {
        var range = stackalloc ulong[2] { (ulong)extent.OffsetBytes, (ulong)extent.LengthBytes };
        return NativeFile.ErrnoOf(LibC.Control(File, request, range));
    }

    private void ThrowIf(string call, Extent extent, int errno)
    {
        if (errno != 0)
        {
            throw LinuxError.Transfer(Role, call, Name, extent.OffsetBytes, extent.LengthBytes, errno);
        }
    }
}
