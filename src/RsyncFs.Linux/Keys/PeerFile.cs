using RsyncFs.Access;
using RsyncFs.Errors;
using RsyncFs.Linux.State;

namespace RsyncFs.Linux.Keys;

/// <summary>The file that says which machines this one knows, and what they may do here. See <see cref="PeerList"/>.</summary>
/// <param name="path">An absolute path.</param>
public sealed class PeerFile(string path)
{
    private const int ForbiddenBits = 0x12; // 0022: that it can be read is no harm, it has no secrets.

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Reads it; nobody is known where there is none.</summary>
    /// <exception cref="StateException">It can not be read, is none, or others could change it.</exception>
    public PeerList Load()
    {
        var text = SafeFile.TryRead(path, "the list of peers", ForbiddenBits);
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

    /// <summary>Durably replaces it.</summary>
    /// <exception cref="StateException">The old or the new one is there.</exception>
    public void Save(PeerList peers)
    {
        var directory = LinuxDurableDirectory.OpenRoot(System.IO.Path.GetDirectoryName(path)!);
        SafeFile.RequireSafeParents(path, "the list of peers");
        WholeFile.Write(directory, System.IO.Path.GetFileName(path), peers.Print(), isForAll: true);
    }
}
