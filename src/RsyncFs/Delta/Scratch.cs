namespace RsyncFs.Delta;

/// <summary>Memory given out from front to back and taken back all at once.</summary>
internal sealed class Scratch(int lengthBytes)
{
    private readonly byte[] _bytes = new byte[lengthBytes];
    private int _used;

    /// <summary>Takes everything back.</summary>
    public void Reset() => _used = 0;

    /// <summary>The next <paramref name="length"/> bytes, which stay with the caller until <see cref="Reset"/>.</summary>
    public Memory<byte> Take(int length)
    {
        var taken = Peek(length);
        _used += length;
        return taken;
    }

    /// <summary>The next <paramref name="length"/> bytes, not yet taken: whoever fills less takes less.</summary>
    public Memory<byte> Peek(int length) => _bytes.AsMemory(_used, length);
}
