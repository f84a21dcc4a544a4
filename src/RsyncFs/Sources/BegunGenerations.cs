namespace RsyncFs.Sources;

/// <summary>
/// The generations that cycles are bringing destinations to at this moment. One of them may take so long that those of
/// others move the base on several times: what changes since must be known when it ends. Used under the gate of its source.
/// </summary>
internal sealed class BegunGenerations
{
    private readonly List<Guid> _begun = [];

    /// <summary>Those that are on their way; one as often as cycles are at work on it.</summary>
    public IReadOnlyCollection<Guid> All => _begun;

    /// <summary>A cycle begins.</summary>
    public void Add(Guid generation) => _begun.Add(generation);

    /// <summary>It ended, whatever became of it.</summary>
    public void Remove(Guid generation) => _begun.Remove(generation);
}
