using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>A state file in memory, page by page: what is zero takes none, and a copy shares what it does not change.</summary>
internal sealed class MemoryFile(string name) : IDurableFile
{
    private const int PageBytes = 4096;

    private Dictionary<long, byte[]> _pages = [];
    private HashSet<long> _own = [];

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public long LengthBytes { get; private set; }

    /// <summary>A file of that content.</summary>
    public static MemoryFile Of(string name, ReadOnlySpan<byte> content)
    {
        var file = new MemoryFile(name);
        file.Write(0, content);
        return file;
    }

    /// <summary>An equal file that changes by itself. This one must not be written any more.</summary>
    public MemoryFile Copy() =>
        new(name)
        {
            _pages = new(_pages),
            _own = [],
            LengthBytes = LengthBytes,
        };

    /// <summary>All its bytes.</summary>
    public byte[] ReadAll()
    {
        var bytes = new byte[LengthBytes];
        Read(0, bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        if (offsetBytes < 0 || offsetBytes > LengthBytes - buffer.Length)
        {
            throw new StateException(
                ErrorId.StateIo,
                $"{buffer.Length} bytes at {offsetBytes} are not there"
            );
        }

        while (!buffer.IsEmpty)
        {
            var (page, at) = Math.DivRem(offsetBytes, PageBytes);
            var length = (int)Math.Min(buffer.Length, PageBytes - at);
            if (_pages.TryGetValue(page, out var bytes))
            {
                bytes.AsSpan((int)at, length).CopyTo(buffer);
            }
            else
            {
                buffer[..length].Clear();
            }

            buffer = buffer[length..];
            offsetBytes += length;
        }
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        LengthBytes = Math.Max(LengthBytes, offsetBytes + data.Length);
        while (!data.IsEmpty)
        {
            var (page, at) = Math.DivRem(offsetBytes, PageBytes);
            var length = (int)Math.Min(data.Length, PageBytes - at);
            data[..length].CopyTo(OwnPage(page).AsSpan((int)at));
            data = data[length..];
            offsetBytes += length;
        }
    }

    /// <inheritdoc/>
    public void SetLength(long lengthBytes)
    {
        foreach (var page in _pages.Keys.Where(page => page * PageBytes >= lengthBytes).ToList())
        {
            _pages.Remove(page);
        }

        if (lengthBytes < LengthBytes && _pages.ContainsKey(lengthBytes / PageBytes))
        {
            OwnPage(lengthBytes / PageBytes).AsSpan((int)(lengthBytes % PageBytes)).Clear();
        }

        LengthBytes = lengthBytes;
    }

    /// <inheritdoc/>
    public void Allocate(long lengthBytes) => LengthBytes = Math.Max(LengthBytes, lengthBytes);

    /// <inheritdoc/>
    public void Flush() { }

    /// <inheritdoc/>
    public void Dispose() { }

    private byte[] OwnPage(long page)
    {
        var isThere = _pages.TryGetValue(page, out var bytes);
        if (_own.Add(page) || !isThere)
        {
            bytes = isThere ? [.. bytes!] : new byte[PageBytes];
            _pages[page] = bytes;
        }

        return bytes!;
    }
}
