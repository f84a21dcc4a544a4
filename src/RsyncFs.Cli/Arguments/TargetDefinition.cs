using RsyncFs.Cli.Configuration;

namespace RsyncFs.Cli.Arguments;

/// <summary>One target of <c>serve</c>: <c>NAME=DEVICE[,init[=overwrite]]</c>.</summary>
/// <remarks>
/// The name ends at the first <c>=</c>. A path may hold commas and equal signs: only the exact endings
/// <c>,init</c> and <c>,init=overwrite</c> are taken off it, once; a comma before a slash stands between the devices of
/// a group. A device whose own path is like that needs another name (a link). What looks like one of the endings,
/// mistyped, is refused.
/// </remarks>
/// <param name="Name">What senders call it.</param>
/// <param name="DevicePath">The device or image.</param>
/// <param name="Init">Whether it takes a first copy.</param>
internal sealed record TargetDefinition(string Name, string DevicePath, InitPermission Init)
{
    /// <summary>What is run about the writes to it, in the order of the file.</summary>
    public IReadOnlyList<Hook> Hooks { get; init; } = [];

    private const string Form = "write NAME=DEVICE, NAME=DEVICE,init or NAME=DEVICE,init=overwrite";
    private const string InitEnding = ",init";
    private const string OverwriteEnding = ",init=overwrite";

    /// <summary>Reads a definition. Whether the device exists is found out later.</summary>
    /// <exception cref="Errors.RsyncFsException">No name or no device, a name that is none, or a mistyped ending.</exception>
    public static TargetDefinition Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            throw UsageError.Of($"target '{text}' has no device", Form);
        }

        var name = text[..equals];
        if (!TargetName.IsValid(name))
        {
            throw UsageError.Of($"'{name}' is not a target's name", TargetName.Rule);
        }

        var (path, init) = SplitEnding(text[(equals + 1)..]);
        if (path.Length == 0)
        {
            throw UsageError.Of($"target '{name}' has no device", Form);
        }

        RefuseMistypedEnding(path);
        return new TargetDefinition(name, path, init);
    }

    private static (string Path, InitPermission Init) SplitEnding(string text)
    {
        if (text.EndsWith(OverwriteEnding, StringComparison.Ordinal))
        {
            return (text[..^OverwriteEnding.Length], InitPermission.Overwrite);
        }

        return text.EndsWith(InitEnding, StringComparison.Ordinal)
            ? (text[..^InitEnding.Length], InitPermission.Allow)
            : (text, InitPermission.Refuse);
    }

    private static void RefuseMistypedEnding(string path)
    {
        var comma = path.LastIndexOf(',');
        var ending = comma < 0 ? "" : path[comma..];
        if (ending.Contains('/', StringComparison.Ordinal))
        {
            return;
        }

        var isInit = ending.StartsWith(",init=", StringComparison.OrdinalIgnoreCase);
        if (isInit || NearestWord.Find(ending, [InitEnding, OverwriteEnding]) is not null)
        {
            throw UsageError.Of($"'{ending}' is neither '{InitEnding}' nor '{OverwriteEnding}'", Form);
        }
    }
}
