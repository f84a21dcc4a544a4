using RsyncFs.Cli.Configuration;

namespace RsyncFs.Cli.Json;

/// <summary>A job in <see cref="ConfigDocument"/>.</summary>
internal sealed record JobEntry
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it reads.</summary>
    public required string Device { get; init; }

    /// <summary>Where it goes: the name of each destination, and its address.</summary>
    public required IReadOnlyDictionary<string, string> To { get; init; }

    /// <summary>How: each setting by its key, as it is written in a file.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Makes the entry.</summary>
    public static JobEntry Of(Job job, bool withDefaults) =>
        new()
        {
            Name = job.Name,
            Device = job.Device,
            To = job.To.ToDictionary(
                there => there.Name,
                there => there.Where.ToString(),
                StringComparer.Ordinal
            ),
            Settings = JobSetting
                .Said(job.Options, withDefaults)
                .ToDictionary(said => said.Key, said => said.Text, StringComparer.Ordinal),
        };
}
