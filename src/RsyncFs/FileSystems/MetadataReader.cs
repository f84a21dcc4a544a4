using RsyncFs.Devices;

namespace RsyncFs.FileSystems;

/// <summary>
/// Reads small pieces of a device at places that the device itself named: a place that is none is doubt, not an error
/// of ours. Keeps the 64 KiB around the last piece, because metadata lie together.
/// </summary>
internal sealed class MetadataReader(IBlockDevice device, CancellationToken token)
{
    private const int WindowBytes = 64 * 1024;

    private readonly AlignedBuffer _window = new(WindowBytes);
    private long _windowStartBytes;
    private int _windowLengthBytes;

    /// <summary>Bytes of the device.</summary>
    public long LengthBytes => device.LengthBytes;

    /// <summary>Bytes read from the device.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offsetBytes"/> on.</summary>
    /// <exception cref="InvalidDataException">The range leaves the device.</exception>
    /// <exception cref="Errors.DeviceException">It could not be read.</exception>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        if (offsetBytes < 0 || buffer.Length > LengthBytes - offsetBytes)
        {
            throw new InvalidDataException(
                $"{buffer.Length} bytes of metadata at {offsetBytes} leave the device of {LengthBytes} bytes"
            );
        }

        while (buffer.Length > 0)
        {
            var from = (int)(Window(offsetBytes) - _windowStartBytes);
            var count = Math.Min(buffer.Length, _windowLengthBytes - from);
            _window.Span.Slice(from, count).CopyTo(buffer);
            buffer = buffer[count..];
            offsetBytes += count;
        }
    }

    /// <summary>The <paramref name="lengthBytes"/> bytes from <paramref name="offsetBytes"/> on, as <see cref="Read(long, Span{byte})"/> gives them.</summary>
    public byte[] Read(long offsetBytes, int lengthBytes)
    {
        var bytes = new byte[lengthBytes];
        Read(offsetBytes, bytes);
        return bytes;
    }

    private long Window(long offsetBytes)
    {
        if (offsetBytes < _windowStartBytes || offsetBytes >= _windowStartBytes + _windowLengthBytes)
        {
            token.ThrowIfCancellationRequested();
            var start = offsetBytes - (offsetBytes % WindowBytes);
            var length = (int)Math.Min(WindowBytes, LengthBytes - start);
            _windowLengthBytes = 0;
            device.Read(start, _window.Span[..length]);
            (_windowStartBytes, _windowLengthBytes) = (start, length);
            BytesRead += length;
        }

        return offsetBytes;
    }
}
