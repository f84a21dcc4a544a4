using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>Reads the targets of a receiver.</summary>
internal static class TargetReader
{
    /// <summary>Which first copies are allowed.</summary>
    public static Choice<InitPermission> Permissions { get; } =
        new(
            "init",
            ("refuse", InitPermission.Refuse),
            ("allow", InitPermission.Allow),
            ("overwrite", InitPermission.Overwrite)
        );

    /// <summary>All that <paramref name="list"/> says, in its order.</summary>
    public static IReadOnlyList<TargetDefinition> ReadAll(ConfigNode list)
    {
        var targets = new List<TargetDefinition>();
        foreach (var node in list.AsList("name"))
        {
            if (ReadOne(node) is not { } target)
            {
                continue;
            }

            if (targets.Exists(other => string.Equals(other.Name, target.Name, StringComparison.Ordinal)))
            {
                node.Refuse($"there is a target '{target.Name}' already", "each has its own name");
            }

            targets.Add(target);
        }

        return targets;
    }

    private static TargetDefinition? ReadOne(ConfigNode node)
    {
        if (node.AsMap() is not { } map)
        {
            return null;
        }

        var name = map.Require("name", "each target has one, as in  name: db01");
        if (name is not null && !TargetName.IsValid(name))
        {
            node.Refuse($"'{name}' is not a target's name", TargetName.Rule);
        }

        var device = map.Take("device") is { } given
            ? given.As<string?>(StableName.Require, otherwise: null)
            : map.Require("device", "as in  device: /dev/vg1/db01");
        var init = map.Read("init", Permissions.Parse, InitPermission.Refuse);
        var hooks = HookReader.ReadOfTarget(map);
        map.Finish();
        return name is null || device is null
            ? null
            : new TargetDefinition(name, device, init) { Hooks = hooks };
    }
}
