using System.Globalization;

namespace RsyncFs.Tracer;

/// <summary>What the command line asks for.</summary>
/// <param name="ProcessId">Whose calls.</param>
/// <param name="Names">Calls by these names; all that are known if there is none.</param>
/// <param name="Paths">Calls that are about a file whose path begins with one of these.</param>
/// <param name="At">Which of them, from 1, is the first to which something else happens; 0 if none.</param>
/// <param name="Fate">What happens to it.</param>
/// <param name="Errno">With what it fails.</param>
/// <param name="IsForever">True if the same happens to all that come after it.</param>
internal sealed record TraceOptions(
    int ProcessId,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> Paths,
    int At,
    Fate Fate,
    int Errno,
    bool IsForever
)
{
    // <asm-generic/errno-base.h>
    private const int InputOutput = 5;
    private const int TooManyFiles = 24;
    private const int NoSpace = 28;

    /// <summary>Reads <c>PID [--call NAME]... --path PREFIX... [--at N FATE [--forever]]</c>.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static TraceOptions Parse(ReadOnlySpan<string> args)
    {
        var names = new List<string>();
        var paths = new List<string>();
        var options = new TraceOptions(Number(args[0]), names, paths, 0, Fate.Pass, 0, IsForever: false);
        for (var i = 1; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--call":
                    names.Add(args[++i]);
                    break;
                case "--path":
                    paths.Add(args[++i]);
                    break;
                case "--at":
                    options = options with { At = Number(args[++i]) };
                    options = WithFate(options, args[++i]);
                    break;
                case "--forever":
                    options = options with { IsForever = true };
                    break;
                default:
                    throw new FormatException($"unknown argument '{args[i]}'");
            }
        }

        return options;
    }

    private static TraceOptions WithFate(TraceOptions options, string word) =>
        word switch
        {
            "kill" => options with { Fate = Fate.Kill },
            "tear" => options with { Fate = Fate.Tear },
            "hold" => options with { Fate = Fate.Hold },
            "EIO" => options with { Fate = Fate.Fail, Errno = InputOutput },
            "EMFILE" => options with { Fate = Fate.Fail, Errno = TooManyFiles },
            "ENOSPC" => options with { Fate = Fate.Fail, Errno = NoSpace },
            _ => throw new FormatException($"unknown fate '{word}'"),
        };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
