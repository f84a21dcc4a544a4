using RsyncFs.Devices;

namespace RsyncFs.Updates;

/// <summary>Joins neighbouring writes into large ones. What was not flushed is not on the device yet.</summary>
internal sealed class RunWriter(IBlockDevice device)
{
    // Request size is what decides the speed of direct writes.
    private const int MaxBufferBytes = 4 * 1024 * 1024;

    private readonly AlignedBuffer _buffer = new((int)Math.Min(MaxBufferBytes, device.LengthBytes));
    private long _offsetBytes;
    private int _length;

    /// <summary>Writes <paramref name="data"/>, at most 4 MiB, at <paramref name="offsetBytes"/>.</summary>
    /// <exception cref="Errors.DeviceException">The device could not be written.</exception>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        if (offsetBytes != _offsetBytes + _length || _length + data.Length > _buffer.Memory.Length)
        {
            Flush();
            _offsetBytes = offsetBytes;
        }

        data.CopyTo(_buffer.Span[_length..]);
        _length += data.Length;
    }

    /// <summary>Hands everything to the device.</summary>
    /// <exception cref="Errors.DeviceException">The device could not be written.</exception>
    public void Flush()
    {
        if (_length > 0)
        {
            device.Write(_offsetBytes, _buffer.Span[.._length]);
            _offsetBytes += _length;
            _length = 0;
        }
    }
}
