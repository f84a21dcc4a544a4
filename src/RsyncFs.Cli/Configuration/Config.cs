using RsyncFs.Cli.Arguments;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Configuration;

/// <summary>What the files of a configuration say, read and found to be usable.</summary>
/// <param name="Path">The first of the files.</param>
/// <param name="StateDirectory">Where this machine keeps its state; null if the files do not say.</param>
/// <param name="KeyPath">This machine's key; null if they do not say.</param>
/// <param name="PeersPath">Whom it knows; null if they do not say.</param>
/// <param name="Jobs">The jobs, in the order of the files, no two of the same name.</param>
internal sealed record Config(
    string Path,
    string? StateDirectory,
    string? KeyPath,
    string? PeersPath,
    IReadOnlyList<Job> Jobs
)
{
    /// <summary>The receivers by their names, in the order of the files.</summary>
    public IReadOnlyList<(string Name, ReceiverEntry Entry)> Receivers { get; init; } = [];

    /// <summary>The targets of this machine's receiver, in the order of the file.</summary>
    public IReadOnlyList<TargetDefinition> Targets { get; init; } = [];

    /// <summary>Who is told what of the jobs, in the order of the files.</summary>
    public IReadOnlyList<NotifyRule> Notify { get; init; } = [];

    /// <summary>What can be used and is probably not meant.</summary>
    public IReadOnlyList<RsyncFsException> Warnings { get; init; } = [];

    /// <summary>Reads the file at <paramref name="path"/> and those beside it.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="isStrict">True if what is probably not meant is an error, too.</param>
    /// <exception cref="RsyncFsException">It can not be used; a <see cref="ConfigException"/> has all the reasons.</exception>
    public static Config Load(string path, bool isStrict = false)
    {
        var faults = new ConfigFaults();
        return Read(path, ConfigFiles.Read(path, faults), faults, isStrict);
    }

    /// <summary>Reads what a single file says.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="text">All of it.</param>
    /// <exception cref="ConfigException">It can not be used.</exception>
    public static Config Parse(string path, string text)
    {
        var faults = new ConfigFaults();
        var file = ConfigFiles.Parse(path, text, faults);
        return Read(path, file is null ? [] : [file], faults, isStrict: false);
    }

    private static Config Read(
        string path,
        IReadOnlyList<ConfigMap> files,
        ConfigFaults faults,
        bool isStrict
    )
    {
        var config = new ConfigReader().Read(path, files);
        faults.ThrowIfAny(isStrict);
        return config with { Warnings = faults.Warnings };
    }

    /// <summary>The jobs that are called <paramref name="names"/>, in the order of the files; all if no name is given.</summary>
    /// <exception cref="RsyncFsException">There is no job of a name, or none at all.</exception>
    public IReadOnlyList<Job> Select(IReadOnlyList<string> names)
    {
        var all = Jobs.Select(job => job.Name).ToList();
        if (all.Count == 0)
        {
            throw new RsyncFsException(ErrorId.ConfigInvalid, "the configuration has no jobs")
            {
                Where = Path,
                Hint = "name at least one: jobs: [{name: db01, device: /dev/vg0/db01, to: [backup1]}]",
            };
        }

        foreach (var name in names.Where(name => !all.Contains(name, StringComparer.Ordinal)))
        {
            var nearest = NearestWord.Find(name, all);
            throw new RsyncFsException(ErrorId.Usage, $"there is no job '{name}'")
            {
                Where = Path,
                Hint = nearest is null ? $"jobs: {string.Join(' ', all)}" : $"did you mean '{nearest}'?",
            };
        }

        return names.Count == 0
            ? Jobs
            : [.. Jobs.Where(job => names.Contains(job.Name, StringComparer.Ordinal))];
    }
}
