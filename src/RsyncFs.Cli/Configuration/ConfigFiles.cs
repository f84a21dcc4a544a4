using RsyncFs.Errors;
using RsyncFs.Linux.Keys;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RsyncFs.Cli.Configuration;

/// <summary>The files of a configuration: the one that was named, and those of <c>conf.d</c> beside it.</summary>
internal static class ConfigFiles
{
    /// <summary>Where it is if nobody says otherwise.</summary>
    public const string DefaultPath = "/etc/rsyncfs/rsyncfs.yaml";

    /// <summary>Names it, too, if no option does.</summary>
    public const string PathVariable = "RSYNCFS_CONFIG";

    private const string What = "the configuration";
    private const string MoreFolder = "conf.d";
    private const int ForbiddenBits = 0x12; // 0022: a hook is run as who runs this.
    private const int MaxLength = 1024 * 1024;

    // Whoever reads YAML goes down into it by recursion; what a configuration says is at most six deep.
    private const int MaxDepth = 32;

    // A stream and a document are around all of it.
    private const int Envelope = 2;

    /// <summary>Where it is.</summary>
    /// <param name="given">What an option says; null if none does.</param>
    public static string PathOf(string? given) =>
        Path.GetFullPath(
            given
                ?? (
                    Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named
                        ? named
                        : DefaultPath
                )
        );

    /// <summary>Reads the file at <paramref name="path"/>, and behind it each <c>*.yaml</c> of <c>conf.d</c> in the order of their names.</summary>
    /// <returns>The keys of each that could be read.</returns>
    /// <exception cref="RsyncFsException">There is none at <paramref name="path"/>.</exception>
    public static IReadOnlyList<ConfigMap> Read(string path, ConfigFaults faults)
    {
        if (!File.Exists(path))
        {
            throw new RsyncFsException(ErrorId.ConfigInvalid, "there is no configuration")
            {
                Where = path,
                Hint = "'rsyncfs config init' prints one to begin with; or name one: --config FILE",
            };
        }

        IEnumerable<string> files = [path, .. More(path, faults)];
        return [.. files.Select(file => ReadOne(file, faults)).OfType<ConfigMap>()];
    }

    private static IEnumerable<string> More(string path, ConfigFaults faults)
    {
        var folder = Path.Combine(Path.GetDirectoryName(path)!, MoreFolder);
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)]
                : [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            faults.Add(
                new RsyncFsException(ErrorId.ConfigInvalid, "the configuration can not be read", failure)
                {
                    Where = folder,
                    Cause = failure.Message,
                }
            );
            return [];
        }
    }

    private static ConfigMap? ReadOne(string path, ConfigFaults faults)
    {
        try
        {
            return Parse(path, SafeFile.TryReadMeant(path, What, ForbiddenBits) ?? "", faults);
        }
        catch (StateException unsafeFile)
        {
            faults.Add(
                new RsyncFsException(ErrorId.ConfigInvalid, unsafeFile.Message, unsafeFile)
                {
                    Where = unsafeFile.Where,
                    Cause = unsafeFile.Cause,
                    Hint = unsafeFile.Hint,
                }
            );
            return null;
        }
    }

    /// <summary>What a file says.</summary>
    /// <param name="path">Where it stands, for what is wrong with it.</param>
    /// <param name="text">All of it.</param>
    /// <param name="faults">Told what is wrong.</param>
    /// <returns>Its keys; null if it has none that could be read.</returns>
    public static ConfigMap? Parse(string path, string text, ConfigFaults faults)
    {
        var top = new ConfigPlace(path, Line: 1, Column: 1, Path: "");
        try
        {
            if (text.Length > MaxLength)
            {
                faults.Add(top, $"the file has more than {MaxLength} letters", null);
                return null;
            }

            RequireShallow(text);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            switch (yaml.Documents)
            {
                case [{ RootNode: YamlMappingNode map }]:
                    return new ConfigMap(top, map, faults);
                case []:
                    faults.Add(top, "the file says nothing", null);
                    return null;
                case [var only]:
                    var start = only.RootNode.Start;
                    faults.Add(
                        top with
                        {
                            Line = start.Line,
                            Column = start.Column,
                        },
                        "a configuration is keys and values",
                        "begin with:  version: 1"
                    );
                    return null;
                default:
                    faults.Add(top, "the file has several documents", "put each into a file of conf.d");
                    return null;
            }
        }
        catch (YamlException wrong)
        {
            faults.Add(
                top with
                {
                    Line = wrong.Start.Line,
                    Column = wrong.Start.Column,
                },
                $"not understood: {Tidy(wrong)}",
                "is it indented by blanks, as its neighbours are?"
            );
            return null;
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet 16 gives these, and not its own, for some texts whose braces do not match.
            faults.Add(top, "not understood: it is no YAML", "begin with:  version: 1");
            return null;
        }
    }

    private static void RequireShallow(string text)
    {
        var parser = new Parser(new StringReader(text));
        for (var depth = -Envelope; parser.MoveNext(); )
        {
            var (start, end) = (parser.Current!.Start, parser.Current.End);
            depth += parser.Current.NestingIncrease;
            if (depth > MaxDepth)
            {
                throw new YamlException(start, end, $"it is more than {MaxDepth} deep");
            }
        }
    }

    // Some messages carry the place in front.
    private static string Tidy(YamlException wrong)
    {
        var message = (wrong.InnerException ?? wrong).Message;
        var place = message.IndexOf("): ", StringComparison.Ordinal);
        var text = message[(message.StartsWith('(') && place >= 0 ? place + 3 : 0)..].Trim().TrimEnd('.');
        return text.Length == 0 ? "no YAML" : char.ToLowerInvariant(text[0]) + text[1..];
    }
}
