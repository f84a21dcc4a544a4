using Microsoft.Win32.SafeHandles;
using RsyncFs.Linux.Native;
using RsyncFs.State;

namespace RsyncFs.Linux.State;

/// <summary>A state file on a real file system.</summary>
internal sealed unsafe class LinuxDurableFile(SafeFileHandle file, string path) : IDurableFile
{
    /// <inheritdoc/>
    public string Name => path;

    /// <inheritdoc/>
    public long LengthBytes
    {
        get
        {
            ThrowIf("statx", NativeFile.Stat(file, out var status));
            return (long)status.SizeBytes;
        }
    }

    /// <inheritdoc/>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        fixed (byte* memory = buffer)
        {
            var errno = NativeFile.Read(file, offsetBytes, memory, buffer.Length, out var moved);
            if (errno != 0 || moved < buffer.Length)
            {
                throw LinuxError.State(
                    "pread",
                    $"{path}, {buffer.Length} bytes at offset {offsetBytes}",
                    errno
                );
            }
        }
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        fixed (byte* memory = data)
        {
            var errno = NativeFile.Write(file, offsetBytes, memory, data.Length);
            if (errno != 0)
            {
                throw LinuxError.State(
                    "pwrite",
                    $"{path}, {data.Length} bytes at offset {offsetBytes}",
                    errno
                );
            }
        }
    }

    /// <inheritdoc/>
    public void SetLength(long lengthBytes) =>
        ThrowIf("ftruncate", NativeFile.ErrnoOf(LibC.SetLength(file, lengthBytes)));

    /// <inheritdoc/>
    public void Allocate(long lengthBytes)
    {
        if (lengthBytes <= LengthBytes)
        {
            return;
        }

        var errno = NativeFile.ErrnoOf(LibC.Allocate(file, mode: 0, offset: 0, lengthBytes));
        if (errno == Errno.NotSupported)
        {
            // A file system without reservations (NFSv3): a full disk is then found by the write.
            SetLength(lengthBytes);
            return;
        }

        ThrowIf("fallocate(0)", errno);
    }

    /// <inheritdoc/>
    public void Flush() => ThrowIf("fdatasync", NativeFile.FlushData(file));

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void ThrowIf(string call, int errno)
    {
        if (errno != 0)
        {
            throw LinuxError.State(call, path, errno);
        }
    }
}
