namespace RsyncFs.Fuzz.Targets;

/// <summary>Memory with a fence on both sides, which shows what was written beside it.</summary>
internal sealed class Guarded(int lengthBytes)
{
    private const int FenceBytes = 64;
    private const byte FenceByte = 0xFE;

    private readonly byte[] _bytes = new byte[lengthBytes + (2 * FenceBytes)];

    /// <summary>Bytes inside that are given out from the begin.</summary>
    public Span<byte> Take(int length, byte fill)
    {
        _bytes.AsSpan().Fill(FenceByte);
        var taken = _bytes.AsSpan(FenceBytes, length);
        taken.Fill(fill);
        return taken;
    }

    /// <summary>False if something beside the first <paramref name="length"/> bytes was written.</summary>
    public bool IsWhole(int length) =>
        !_bytes.AsSpan(0, FenceBytes).ContainsAnyExcept(FenceByte)
        && !_bytes.AsSpan(FenceBytes + length).ContainsAnyExcept(FenceByte);
}
