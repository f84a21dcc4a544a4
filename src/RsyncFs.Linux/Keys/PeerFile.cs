using RsyncFs.Access;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.Linux.State;

namespace RsyncFs.Linux.Keys;

/// <summary>The file that says which machines this one knows, and what they may do here. See <see cref="PeerList"/>.</summary>
/// <param name="path">An absolute path.</param>
public sealed class PeerFile(string path)
{
    private const string What = "the list of peers";
    private const int ForbiddenBits = 0x12; // 0022: that it can be read is no harm, it has no secrets.

    // A change takes milliseconds; a disk that is asleep takes seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>True if <paramref name="other"/> leads to this very file.</summary>
    public bool IsAt(string other) =>
        NativeFile.Stat(path, out var status) == 0
        && NativeFile.Stat(other, out var otherStatus) == 0
        && status.IsSameFile(otherStatus);

    /// <summary>Reads it; nobody is known where there is none.</summary>
    /// <exception cref="StateException">It can not be read, is none, or others could change it.</exception>
    public PeerList Load()
    {
        var text = SafeFile.TryRead(path, What, ForbiddenBits);
        try
        {
            return text is null ? PeerList.Empty : PeerList.Parse(text);
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
}
