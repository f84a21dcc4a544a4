using RsyncFs.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RsyncFs.Cli.Configuration;

/// <summary>
/// A value of a configuration file and where it stands. Nothing is guessed: whoever asks says what it must be, and what
/// it is not is a fault, noted with its place.
/// </summary>
internal sealed class ConfigNode(ConfigPlace place, YamlNode node, ConfigFaults faults)
{
    /// <summary>Where it stands.</summary>
    public ConfigPlace Place => place;

    /// <summary>Where faults are noted.</summary>
    public ConfigFaults Faults => faults;

    /// <summary>True if it is a list.</summary>
    public bool IsList => node is YamlSequenceNode;

    /// <summary>True if it has keys of its own.</summary>
    public bool IsMap => node is YamlMappingNode;

    /// <summary>Its text; null, and a fault, if it has none.</summary>
    public string? AsText()
    {
        if (node is YamlScalarNode { Value: { } text } scalar)
        {
            if (text.Length > 0 && (scalar.Style != ScalarStyle.Plain || text is not ("~" or "null")))
            {
                return text;
            }

            Refuse("it has no value", "write one behind the colon, or leave the key out");
            return null;
        }

        Refuse($"a text belongs here, and not {Kind()}", null);
        return null;
    }

    /// <summary>What <paramref name="parse"/> makes of its text; <paramref name="otherwise"/>, and a fault, if it can not.</summary>
    public T As<T>(Func<string, T> parse, T otherwise)
    {
        try
        {
            return AsText() is { } text ? parse(text) : otherwise;
        }
        catch (RsyncFsException wrong)
        {
            Refuse(wrong.Message, wrong.Hint);
            return otherwise;
        }
    }

    /// <summary>Its keys; null, and a fault, if it has none.</summary>
    public ConfigMap? AsMap()
    {
        if (node is YamlMappingNode map)
        {
            return new ConfigMap(place, map, faults);
        }

        Refuse($"keys and values belong here, and not {Kind()}", null);
        return null;
    }

    /// <summary>Its items in order; none, and a fault, if it is no list.</summary>
    /// <param name="name">The key by whose value an item is called in the path of what is in it; null to count them.</param>
    public IReadOnlyList<ConfigNode> AsList(string? name = null)
    {
        if (node is YamlSequenceNode list)
        {
            return
            [
                .. list.Children.Select(
                    (item, index) => new ConfigNode(PlaceOf(item, index, name), item, faults)
                ),
            ];
        }

        Refuse($"a list belongs here, and not {Kind()}", "write [A, B], or one line for each: - A");
        return [];
    }

    /// <summary>Notes that it can not be used.</summary>
    public void Refuse(string message, string? hint) => faults.Add(place, message, hint);

    private ConfigPlace PlaceOf(YamlNode item, int index, string? name)
    {
        var called =
            name is not null
            && item is YamlMappingNode map
            && map.Children.TryGetValue(new YamlScalarNode(name), out var value)
            && value is YamlScalarNode { Value.Length: > 0 } scalar
                ? scalar.Value
                : $"{index + 1}";
        return place with
        {
            Line = item.Start.Line,
            Column = item.Start.Column,
            Path = $"{place.Path}[{called}]",
        };
    }

    private string Kind() =>
        node switch
        {
            YamlMappingNode => "keys and values",
            YamlSequenceNode => "a list",
            _ => "a text",
        };
}
