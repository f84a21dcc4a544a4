using RsyncFs.Access;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.Linux.State;

namespace RsyncFs.Linux.Keys;

/// <summary>The file that says which machines this one knows, and what they may do here. See <see cref="PeerList"/>.</summary>
/// <param name="path">An absolute path.</param>
/// <param name="clock">Tells how old the file is; the system's if null.</param>
public sealed class PeerFile(string path, TimeProvider? clock = null)
{
    private const string What = "the list of peers";
    private const int ForbiddenBits = 0x12; // 0022: that it can be read is no harm, it has no secrets.

    // A change takes milliseconds; a disk that is asleep takes seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Two changes within one tick of a file system's clock bear the same time. The longest tick is that of times in whole seconds.
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(2);

    private volatile Known? _known;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>True if <paramref name="other"/> leads to this very file.</summary>
    public bool IsAt(string other) =>
        // By the same path it is, also while it can not be looked at.
        string.Equals(path, other, StringComparison.Ordinal)
        || (
            NativeFile.Stat(path, out var status) == 0
            && NativeFile.Stat(other, out var otherStatus) == 0
            && status.IsSameFile(otherStatus)
        );

    /// <summary>Reads it; nobody is known where there is none. A file that has not changed since it was read is looked at, and not read again; unless a look at it failed in between.</summary>
    /// <exception cref="StateException">It is none, may not be read, or others could change it (<see cref="ErrorId.KeyFile"/>); or the machine could not look at it (<see cref="ErrorId.StateIo"/>).</exception>
    public PeerList Load()
    {
        var known = _known;
        _known = null;
        using var file = SafeFile.TryOpen(path, What, ForbiddenBits, out var status);
        if (file is null)
        {
            return PeerList.Empty;
        }

        if (known is null || !status.IsUnchangedSince(known.Status))
        {
            known = new Known(status, Parse(SafeFile.Read(file, path, What)));
        }

        var age = (clock ?? TimeProvider.System).GetUtcNow().UtcDateTime - status.LastChange;
        _known = age >= LongestTick ? known : null;
        return known.Peers;
    }

    private PeerList Parse(string text)
    {
        try
        {
            return PeerList.Parse(text);
        }
        catch (FormatException wrong)
        {
            throw new StateException(ErrorId.KeyFile, "the list of peers can not be used", wrong)
            {
                Where = path,
                Cause = wrong.Message,
                Hint = "each line is NAME KEY [TARGET=RIGHT[,RIGHT]]...; 'rsyncfs peer' writes them",
            };
        }
    }

    /// <summary>Durably changes it, or makes it. Whoever else would change it meanwhile waits: its change must not be lost.</summary>
    /// <param name="change">Gives the new list; what it throws leaves the old one.</param>
    /// <returns>The new list.</returns>
    /// <exception cref="StateException">The old or the new one is there.</exception>
    /// <exception cref="RefusedException">Another process has been changing it for ten seconds. It is as that leaves it.</exception>
    public PeerList Change(Func<PeerList, PeerList> change)
    {
        _ = LinuxDurableDirectory.OpenRoot(System.IO.Path.GetDirectoryName(path)!);
        var place = SafeFile.Resolve(path, What) ?? path;
        using var turn = StateLock.TakeFile(place + ".lock", Patience);
        var peers = change(Load());
        WholeFile.Replace(place, peers.Print());
        return peers;
    }

    /// <summary>What was read, and the file then.</summary>
    private sealed record Known(Statx Status, PeerList Peers);
}
