using RsyncFs.Cli.Arguments;
using YamlDotNet.RepresentationModel;

namespace RsyncFs.Cli.Configuration;

/// <summary>Keys and values of a configuration file. Each key is taken by whoever knows it; what nobody took is a fault.</summary>
internal sealed class ConfigMap
{
    private readonly ConfigFaults _faults;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<(string Key, ConfigNode KeyNode, ConfigNode Value)> _entries = [];

    /// <summary>The keys of <paramref name="node"/>.</summary>
    public ConfigMap(ConfigPlace place, YamlMappingNode node, ConfigFaults faults)
    {
        Place = place;
        _faults = faults;
        foreach (var (key, value) in node.Children)
        {
            var at = place with { Line = key.Start.Line, Column = key.Start.Column };
            if (key is not YamlScalarNode { Value: { Length: > 0 } name })
            {
                faults.Add(at, "a key is a word", null);
                continue;
            }

            var path = place.Path.Length == 0 ? name : $"{place.Path}.{name}";
            var valueAt = place with { Line = value.Start.Line, Column = value.Start.Column, Path = path };
            _entries.Add((name, new ConfigNode(at, key, faults), new ConfigNode(valueAt, value, faults)));
        }
    }

    /// <summary>Where it begins.</summary>
    public ConfigPlace Place { get; }

    /// <summary>Its keys in the order of the file, each with its value. For names that the writer of the file chooses.</summary>
    public IEnumerable<(string Key, ConfigNode Value)> TakeAll()
    {
        foreach (var (key, _, value) in _entries)
        {
            _known.Add(key);
            yield return (key, value);
        }
    }

    /// <summary>The value of <paramref name="key"/>; null if it is not there.</summary>
    public ConfigNode? Take(string key)
    {
        _known.Add(key);
        return _entries.Find(entry => string.Equals(entry.Key, key, StringComparison.Ordinal)).Value;
    }

    /// <summary>What <paramref name="parse"/> makes of the value of <paramref name="key"/>; <paramref name="otherwise"/> if it is not there, or, and that is a fault, can not be read.</summary>
    public T Read<T>(string key, Func<string, T> parse, T otherwise) =>
        Take(key) is { } value ? value.As(parse, otherwise) : otherwise;

    /// <summary>The text of <paramref name="key"/>; null, and a fault, if there is none.</summary>
    public string? Require(string key, string hint)
    {
        if (Take(key) is { } value)
        {
            return value.AsText();
        }

        _faults.Add(Place, $"'{key}' is missing", hint);
        return null;
    }

    /// <summary>Notes every key that nobody has taken as a fault, with the one that was probably meant.</summary>
    public void Finish()
    {
        foreach (var (key, keyNode, _) in _entries.Where(entry => !_known.Contains(entry.Key)))
        {
            var nearest = NearestWord.Find(key, _known);
            var known = string.Join(' ', _known.Order(StringComparer.Ordinal));
            keyNode.Refuse(
                $"unknown key '{key}'",
                key is "<<" ? "merge keys are not read: what all jobs share stands in 'defaults'"
                    : nearest is null ? $"known here: {known}"
                    : $"did you mean '{nearest}'?   known here: {known}"
            );
        }
    }
}
