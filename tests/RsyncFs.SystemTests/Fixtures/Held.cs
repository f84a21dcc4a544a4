namespace RsyncFs.SystemTests.Fixtures;

/// <summary>What a target holds, by the word of cmp(1).</summary>
internal enum Held
{
    /// <summary>Neither of the two generations that it may be.</summary>
    Mix,

    /// <summary>Generation N.</summary>
    Old,

    /// <summary>Generation N+1.</summary>
    New,
}
