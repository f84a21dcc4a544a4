using RsyncFs.Errors;

namespace RsyncFs.Cli.Configuration;

/// <summary>Collects what is wrong with a configuration, so that a person learns all of it at once.</summary>
internal sealed class ConfigFaults
{
    private readonly List<(ConfigPlace? Place, RsyncFsException Error)> _errors = [];
    private readonly List<(ConfigPlace? Place, RsyncFsException Error)> _warnings = [];

    /// <summary>What can be used and is probably not meant.</summary>
    public IReadOnlyList<RsyncFsException> Warnings => InOrder(_warnings);

    /// <summary>Notes that what stands at <paramref name="place"/> can not be used.</summary>
    public void Add(ConfigPlace place, string message, string? hint) =>
        _errors.Add((place, Of(place, message, hint)));

    /// <summary>Notes that a file can not be read at all.</summary>
    public void Add(RsyncFsException error) => _errors.Add((null, error));

    /// <summary>Notes that what stands at <paramref name="place"/> is probably not meant.</summary>
    public void Warn(ConfigPlace place, string message, string? hint) =>
        _warnings.Add((place, Of(place, message, hint)));

    /// <summary>Ends the reading of what can not be used.</summary>
    /// <param name="isStrict">True if what is probably not meant is an error, too.</param>
    /// <exception cref="ConfigException">Something can not be used.</exception>
    public void ThrowIfAny(bool isStrict = false)
    {
        var all = isStrict ? [.. _errors, .. _warnings] : _errors;
        if (all.Count > 0)
        {
            throw new ConfigException(InOrder(all));
        }
    }

    // As a person goes through the files; they are read in the order of their names.
    private static List<RsyncFsException> InOrder(
        List<(ConfigPlace? Place, RsyncFsException Error)> faults
    ) =>
        [
            .. faults
                .OrderBy(fault => fault.Place?.File, StringComparer.Ordinal)
                .ThenBy(fault => fault.Place?.Line)
                .ThenBy(fault => fault.Place?.Column)
                .Select(fault => fault.Error),
        ];

    private static RsyncFsException Of(ConfigPlace place, string message, string? hint) =>
        new(ErrorId.ConfigInvalid, place.Path.Length == 0 ? message : $"{place.Path}: {message}")
        {
            Where = place.ToString(),
            Hint = hint,
        };
}
