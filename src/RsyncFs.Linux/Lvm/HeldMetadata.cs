using RsyncFs.Errors;

namespace RsyncFs.Linux.Lvm;

/// <summary>What was left at a thin pool by somebody who read its metadata: the metadata snapshot, the note of it, or both.</summary>
public sealed class HeldMetadata
{
    private readonly ThinPool _pool;

    internal HeldMetadata(ThinPool pool, bool isHeld, bool isOurs)
    {
        _pool = pool;
        IsHeld = isHeld;
        IsOurs = isOurs;
    }

    /// <summary>Group and name of the pool.</summary>
    public string Name => _pool.Name;

    /// <summary>True if the pool holds the snapshot: it keeps blocks of its metadata from being used, and others from reading it.</summary>
    public bool IsHeld { get; }

    /// <summary>True if a note says that it is ours; nothing else tells.</summary>
    public bool IsOurs { get; }

    /// <summary>The command by which a person releases it.</summary>
    public string Command => _pool.ReleaseCommand;

    /// <summary>Releases what is ours, under the pool's lock; does nothing if it is not there any more.</summary>
    /// <exception cref="RsyncFsException">Somebody works on it now, or it can not be released: it is as it was.</exception>
    public void Release() => _pool.ReleaseLeftHeld();
}
