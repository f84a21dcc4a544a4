using RsyncFs.Cli.Arguments;
using RsyncFs.Errors;
using RsyncFs.Linux.State;
using RsyncFs.State;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>Where the state of one target lies.</summary>
/// <param name="Name">Its name; of a local destination its absolute path, or what stands for it where that is not known.</param>
/// <param name="IsLocal">True for a destination of this machine's own <c>sync</c>.</param>
/// <param name="Path">Its directory of state files, which need not be there.</param>
internal sealed record TargetPlace(string Name, bool IsLocal, string Path)
{
    // What an attempt makes before it comes as far as a state.
    private static readonly string[] Traces = ["lock", "device", "device.new", "state.new"];

    /// <summary>True if anything is known of it.</summary>
    public bool Exists => File.Exists(System.IO.Path.Combine(Path, "state"));

    /// <summary>True if all that is there is what an attempt makes before it comes as far as a state.</summary>
    /// <exception cref="IOException">It can not be listed.</exception>
    public bool IsLeftover =>
        Directory
            .EnumerateFileSystemEntries(Path)
            .All(path => Traces.Contains(System.IO.Path.GetFileName(path), StringComparer.Ordinal));

    /// <summary>The place of the target called <paramref name="name"/>; one that begins with a slash is a path.</summary>
    /// <exception cref="RsyncFsException">It is neither a name nor an absolute path.</exception>
    public static TargetPlace Of(string stateDirectory, string name)
    {
        if (name.StartsWith('/'))
        {
            var path = System.IO.Path.GetFullPath(name);
            return new TargetPlace(path, IsLocal: true, StateLayout.OfLocalTarget(stateDirectory, path));
        }

        return TargetName.IsValid(name)
            ? new TargetPlace(name, IsLocal: false, StateLayout.OfTarget(stateDirectory, name))
            : throw UsageError.Of(
                $"'{name}' is not a target",
                $"{TargetName.Rule}; a local destination is named by its path, as in /backup/db01.img"
            );
    }

    /// <summary>All that are known in <paramref name="stateDirectory"/>, by name; local ones last.</summary>
    /// <exception cref="StateException">The directory can not be listed.</exception>
    public static IReadOnlyList<TargetPlace> All(string stateDirectory) =>
        [
            .. Below(stateDirectory, StateLayout.TargetFolder)
                .Where(TargetName.IsValid)
                .Select(name => Of(stateDirectory, name)),
            .. Below(stateDirectory, StateLayout.LocalFolder)
                .Select(key => new TargetPlace(
                    $"{StateLayout.LocalFolder}/{key}",
                    IsLocal: true,
                    System.IO.Path.Combine(stateDirectory, StateLayout.LocalFolder, key)
                )),
        ];

    /// <summary>Its directory, which is there.</summary>
    public IDurableDirectory Open() => LinuxDurableDirectory.OpenRoot(Path);

    /// <summary>Removes what is left of an attempt to have a target here that never became one. A target, or a place that somebody has, stays.</summary>
    public void RemoveLeftover()
    {
        if (Exists || !Directory.Exists(Path))
        {
            return;
        }

        try
        {
            using (StateLock.Take(Path))
            {
                // Asked again in a way that fails where the disk does. What anybody set aside here, or what is left of a
                // target whose state was lost, is not ours to remove.
                if (IsLeftover && TargetRecord.Load(Open()) is null)
                {
                    Directory.Delete(Path, recursive: true);
                }
            }
        }
        catch (Exception left) when (left is RsyncFsException or IOException or UnauthorizedAccessException)
        {
            // Somebody is at it, or it can not be changed: it is only in the way of nobody.
        }
    }

    /// <summary>The error for one of which nothing is known.</summary>
    public RefusedException Unknown(string stateDirectory) =>
        new(ErrorId.TargetUnknown, "there is no target of that name here")
        {
            Where = Name,
            Cause = $"nothing is known of it in {stateDirectory}",
            Hint = "'rsyncfs target list' shows what is there; --state DIR looks elsewhere",
        };

    private static IReadOnlyList<string> Below(string stateDirectory, string folder)
    {
        var path = System.IO.Path.Combine(stateDirectory, folder);
        return Directory.Exists(path) ? LinuxDurableDirectory.OpenRoot(path).List() : [];
    }
}
