namespace RsyncFs.Fuzz;

/// <summary>Where the woven library counts how often it came to each of its basic blocks.</summary>
public static class Coverage
{
    /// <summary>One counter a block, without overflow checks and without locks: what is lost by a race is no matter.</summary>
    public static readonly byte[] Map = new byte[64 * 1024];
}
