using System.IO.Hashing;
using RsyncFs.Errors;

namespace RsyncFs.Protocol;

/// <summary>Takes frames from a stream. Small frames come many to a read; a large payload is read where it will stay.</summary>
internal sealed class FrameReader
{
    private const int BufferBytes = 64 * 1024;

    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly byte[] _header = new byte[FrameHeader.LengthBytes];
    private readonly XxHash3 _hash = new();
    private int _start;
    private int _end;
    private long _bytesReceived;

    public FrameReader(Stream stream)
    {
        _stream = stream;
    }

    /// <summary>Everything taken from the stream so far.</summary>
    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    /// <summary>Called after each read that gave something.</summary>
    public required Action OnBytes { get; init; }

    /// <summary>True if more was taken from the stream than was read.</summary>
    public bool HasMore => _end > _start;

    /// <summary>Waits for the first byte of a frame. False if the stream ended instead.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken) =>
        _end > _start || await FillAsync(1, cancellationToken);

    /// <summary>The 16 bytes of the next header, valid until the next call.</summary>
    /// <exception cref="ConnectionException">The stream ended inside.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(FrameHeader.LengthBytes, cancellationToken))
        {
            throw Cut($"{_end - _start} bytes into a frame's header");
        }

        _buffer.AsSpan(_start, _header.Length).CopyTo(_header);
        _start += _header.Length;
        return _header;
    }

    /// <summary>Fills <paramref name="payload"/> with what is behind the header that was read last.</summary>
    /// <exception cref="ConnectionException">The stream ended inside.</exception>
    /// <exception cref="ProtocolException">The checksum does not fit.</exception>
    public async ValueTask ReadPayloadAsync(
        FrameHeader header,
        Memory<byte> payload,
        CancellationToken cancellationToken
    )
    {
        var filled = Math.Min(_end - _start, payload.Length);
        _buffer.AsSpan(_start, filled).CopyTo(payload.Span);
        _start += filled;
        while (filled < payload.Length)
        {
            var count = await _stream.ReadAsync(payload[filled..], cancellationToken);
            if (count == 0)
            {
                throw Cut($"{filled} bytes into a {header.Type} of {payload.Length}");
            }

            Count(count);
            filled += count;
        }

        var checksum = FrameHeader.ChecksumOf(_hash, _header, payload.Span);
        if (checksum != header.Checksum)
        {
            throw new ProtocolException(
                $"a damaged {header.Type} frame of {payload.Length} bytes: checksum {checksum:x16} where {header.Checksum:x16} stands"
            );
        }
    }

    private static ConnectionException Cut(string where) =>
        new(ErrorId.ConnectionLost, $"the connection ended {where}");

    // True once so many bytes are in the buffer.
    private async ValueTask<bool> FillAsync(int wanted, CancellationToken cancellationToken)
    {
        if (_buffer.Length - _start < wanted || _start == _end)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        while (_end - _start < wanted)
        {
            var count = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                return false;
            }

            Count(count);
            _end += count;
        }

        return true;
    }

    private void Count(int bytes)
    {
        Interlocked.Add(ref _bytesReceived, bytes);
        OnBytes();
    }
}
