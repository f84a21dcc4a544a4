using System.Collections.Frozen;
using System.Reflection;
using System.Text;

namespace RsyncFs.Errors;

/// <summary>What belongs to each <see cref="ErrorId"/>: its printed id, its exit code, and whether trying again can help.</summary>
public static class ErrorCatalogue
{
    private static readonly FrozenDictionary<ErrorId, ErrorClassAttribute> ById = Enum.GetValues<ErrorId>()
        .ToFrozenDictionary(id => id, ClassOf);

    // What needs a person first stands first; what passes by itself last.
    private static readonly ExitCode[] BySeverity =
    [
        ExitCode.Bug,
        ExitCode.Fenced,
        ExitCode.Differs,
        ExitCode.Target,
        ExitCode.Source,
        ExitCode.Denied,
        ExitCode.Config,
        ExitCode.Usage,
        ExitCode.Protocol,
        ExitCode.Failure,
        ExitCode.Hook,
        ExitCode.Locked,
        ExitCode.Unreachable,
        ExitCode.Limit,
        ExitCode.Interrupted,
    ];

    /// <summary>The id as it is printed, logged and sent: <c>TargetInUse</c> is <c>target-in-use</c>.</summary>
    public static string Kebab(ErrorId id)
    {
        var name = id.ToString();
        var kebab = new StringBuilder(name.Length + 4);
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && kebab.Length > 0)
            {
                kebab.Append('-');
            }

            kebab.Append(char.ToLowerInvariant(letter));
        }

        return kebab.ToString();
    }

    /// <summary>The id that <see cref="Kebab"/> printed, or null for a word that is none (a newer peer's, say).</summary>
    public static ErrorId? Parse(string kebab)
    {
        foreach (var id in Enum.GetValues<ErrorId>())
        {
            if (string.Equals(Kebab(id), kebab, StringComparison.Ordinal))
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>The exit code of a process that ends with this error.</summary>
    public static ExitCode ExitCodeOf(ErrorId id) => ById[id].ExitCode;

    /// <summary>What a person does about it, in general.</summary>
    public static string HintOf(ErrorId id) => ById[id].Hint;

    /// <summary>
    /// The exit code of a process that did several things: <see cref="ExitCode.Partial"/> if some succeeded; if all
    /// failed, the code that a person should look at first.
    /// </summary>
    /// <param name="codes">How each ended; at least one.</param>
    public static ExitCode ExitCodeOf(IReadOnlyCollection<ExitCode> codes)
    {
        var failed = codes.Where(code => code != ExitCode.Ok).ToHashSet();
        return failed.Count == 0 ? ExitCode.Ok
            : codes.Contains(ExitCode.Ok) ? ExitCode.Partial
            : Array.Find(BySeverity, failed.Contains) is var worst and not ExitCode.Ok ? worst
            : ExitCode.Failure;
    }

    /// <summary>True if the same command may succeed a little later with nobody having done anything.</summary>
    public static bool IsTransient(ErrorId id) =>
        ExitCodeOf(id) is ExitCode.Unreachable or ExitCode.Locked or ExitCode.Limit;

    private static ErrorClassAttribute ClassOf(ErrorId id) =>
        typeof(ErrorId).GetField(id.ToString())!.GetCustomAttribute<ErrorClassAttribute>()
        ?? throw new InvalidOperationException($"{id} has no class");
}
