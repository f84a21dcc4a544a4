using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// What a block device and an image have in common: direct I/O on a descriptor, with everything that is not aligned
/// cut into an aligned middle and two edges. The aligned path hands the caller's memory to the kernel.
/// </summary>
/// <remarks>
/// Reads widen to the unit around them, through a bounce buffer. Writes can not: the bytes around belong to others,
/// so an edge is left to the derived class, which knows how to change part of a unit.
/// </remarks>
public abstract unsafe class DirectDevice : IBlockDevice
{
    private readonly BounceBuffers _bounce = new();
    private long _sectorsWritten;

    private protected DirectDevice(SafeFileHandle file, string path, DeviceRole role, long length, int unit)
    {
        Debug.Assert(
            unit is >= 1 and <= AlignedBuffer.AlignmentBytes,
            "a unit fits the alignment of buffers"
        );
        File = file;
        Name = path;
        Role = role;
        LengthBytes = length;
        UnitBytes = unit;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long LengthBytes { get; }

    /// <summary>Which end it was opened as.</summary>
    public DeviceRole Role { get; }

    /// <summary>What offset, length and memory must be multiples of to go past the bounce buffers; 1 if nothing need be.</summary>
    public int UnitBytes { get; }

    /// <inheritdoc/>
    public long SectorsWritten => Interlocked.Read(ref _sectorsWritten);

    private protected SafeFileHandle File { get; }

    /// <inheritdoc/>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, buffer.Length);
        fixed (byte* memory = buffer)
        {
            if (IsAligned(offsetBytes) && IsAligned(buffer.Length) && IsAligned((long)memory))
            {
                ReadDirect(offsetBytes, memory, buffer.Length, least: buffer.Length);
                AfterTransfer(offsetBytes, buffer.Length);
                return;
            }
        }

        ReadThroughBounce(offsetBytes, buffer);
        AfterTransfer(offsetBytes, buffer.Length);
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        ThrowIfSource();
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, data.Length);
        var (head, middle) = Cut(offsetBytes, data.Length);
        var tail = data.Length - head - middle;
        if (head > 0)
        {
            WriteEdge(offsetBytes, data[..(int)head]);
        }

        if (middle > 0)
        {
            WriteAligned(offsetBytes + head, data.Slice((int)head, (int)middle));
        }

        if (tail > 0)
        {
            WriteEdge(offsetBytes + head + middle, data[(int)(head + middle)..]);
        }

        AfterTransfer(offsetBytes, data.Length);
    }

    /// <inheritdoc/>
    public void Zero(Extent extent)
    {
        ThrowIfSource();
        DeviceRange.ThrowIfOutside(LengthBytes, extent.OffsetBytes, extent.LengthBytes);
        var (head, middle) = Cut(extent.OffsetBytes, extent.LengthBytes);
        var tail = extent.LengthBytes - head - middle;
        ReadOnlySpan<byte> zeros = stackalloc byte[AlignedBuffer.AlignmentBytes];
        if (head > 0)
        {
            WriteEdge(extent.OffsetBytes, zeros[..(int)head]);
        }

        if (middle > 0)
        {
            ZeroAligned(new Extent(extent.OffsetBytes + head, middle));
        }

        if (tail > 0)
        {
            WriteEdge(extent.OffsetBytes + head + middle, zeros[..(int)tail]);
        }
    }

    /// <inheritdoc/>
    public virtual void Flush()
    {
        var errno = NativeFile.FlushData(File);
        if (errno != 0)
        {
            throw LinuxError.Transfer(Role, "fdatasync", Name, offsetBytes: 0, lengthBytes: -1, errno);
        }
    }

    /// <inheritdoc/>
    public virtual string StableId => "";

    /// <inheritdoc/>
    public virtual bool MayCountZeroingTwice => false;

    /// <inheritdoc/>
    public abstract Extent NextData(long offsetBytes);

    /// <inheritdoc/>
    public abstract ChangeEvidence ReadEvidence();

    /// <summary>Gives the device up, with its locks. What was not flushed may or may not become durable.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    private protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            File.Dispose();
        }
    }

    /// <summary>Writes bytes that lie inside one unit and do not fill it, and leaves the rest of the unit as it is.</summary>
    private protected abstract void WriteEdge(long offsetBytes, ReadOnlySpan<byte> data);

    /// <summary>Makes whole units read as zeros.</summary>
    private protected abstract void ZeroAligned(Extent extent);

    /// <summary>Called when a range was read or written, for a device that must clean up after it.</summary>
    private protected virtual void AfterTransfer(long offsetBytes, long lengthBytes) { }

    private protected void CountWritten(long offsetBytes, long lengthBytes) =>
        Interlocked.Add(ref _sectorsWritten, DeviceRange.SectorsTouched(offsetBytes, lengthBytes));

    private protected AlignedBuffer RentBounce() => _bounce.Rent();

    private protected void ReturnBounce(AlignedBuffer buffer) => _bounce.Return(buffer);

    /// <summary>Reads units into aligned memory. The last may be cut short by the end of an image.</summary>
    private protected void ReadDirect(long offsetBytes, byte* memory, int length, int least)
    {
        var errno = NativeFile.Read(File, offsetBytes, memory, length, out var moved);
        if (errno != 0 || moved < least)
        {
            throw LinuxError.Transfer(Role, "pread", Name, offsetBytes, length, errno);
        }
    }

    /// <summary>Writes whole units from memory of any alignment.</summary>
    private protected void WriteAligned(long offsetBytes, ReadOnlySpan<byte> data)
    {
        Debug.Assert(IsAligned(offsetBytes) && IsAligned(data.Length), "whole units");
        fixed (byte* memory = data)
        {
            if (IsAligned((long)memory))
            {
                WriteDirect(offsetBytes, memory, data.Length);
                return;
            }
        }

        var bounce = _bounce.Rent();
        try
        {
            for (var done = 0; done < data.Length; )
            {
                var part = data[done..Math.Min(data.Length, done + BounceBuffers.SizeBytes)];
                part.CopyTo(bounce.Span);
                WriteBounced(offsetBytes + done, bounce, part.Length);
                done += part.Length;
            }
        }
        finally
        {
            _bounce.Return(bounce);
        }
    }

    /// <summary>Writes the first <paramref name="length"/> bytes of a bounce buffer: whole units.</summary>
    private protected void WriteBounced(long offsetBytes, AlignedBuffer bounce, int length)
    {
        fixed (byte* memory = bounce.Span)
        {
            WriteDirect(offsetBytes, memory, length);
        }
    }

    /// <summary>Writes zeros over whole units: what is left to do where the kernel has no call for it.</summary>
    private protected void WriteZeros(Extent extent)
    {
        var bounce = _bounce.Rent();
        try
        {
            bounce.Span.Clear();
            for (var offset = extent.OffsetBytes; offset < extent.EndBytes; offset += BounceBuffers.SizeBytes)
            {
                var length = (int)Math.Min(BounceBuffers.SizeBytes, extent.EndBytes - offset);
                WriteBounced(offset, bounce, length);
            }
        }
        finally
        {
            _bounce.Return(bounce);
        }
    }

    private void WriteDirect(long offsetBytes, byte* memory, int length)
    {
        var errno = NativeFile.Write(File, offsetBytes, memory, length);
        if (errno != 0)
        {
            throw LinuxError.Transfer(Role, "pwrite", Name, offsetBytes, length, errno);
        }

        // Only what was written whole is counted: after a failed write the kernel's counter and ours differ, and
        // the evidence is broken, as it should be.
        CountWritten(offsetBytes, length);
    }

    private void ReadThroughBounce(long offsetBytes, Span<byte> buffer)
    {
        var bounce = _bounce.Rent();
        try
        {
            fixed (byte* memory = bounce.Span)
            {
                for (var done = 0; done < buffer.Length; )
                {
                    var offset = offsetBytes + done;
                    var skip = (int)(offset % UnitBytes);
                    var part = Math.Min(buffer.Length - done, BounceBuffers.SizeBytes - skip);
                    var widened = (skip + part + UnitBytes - 1) / UnitBytes * UnitBytes;
                    ReadDirect(offset - skip, memory, widened, least: skip + part);
                    bounce.Span.Slice(skip, part).CopyTo(buffer[done..]);
                    done += part;
                }
            }
        }
        finally
        {
            _bounce.Return(bounce);
        }
    }

    /// <summary>Cuts a range into a head inside one unit, whole units, and (what is left) a tail inside one unit.</summary>
    private (long Head, long Middle) Cut(long offsetBytes, long lengthBytes)
    {
        var head = Math.Min(lengthBytes, (UnitBytes - (offsetBytes % UnitBytes)) % UnitBytes);
        return (head, (lengthBytes - head) / UnitBytes * UnitBytes);
    }

    private bool IsAligned(long value) => (value & (UnitBytes - 1)) == 0;

    private void ThrowIfSource()
    {
        if (Role == DeviceRole.Source)
        {
            throw new RsyncFsException(ErrorId.Bug, "a source was to be written") { Where = Name };
        }
    }
}
