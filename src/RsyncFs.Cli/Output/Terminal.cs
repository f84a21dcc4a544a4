using System.Security.Cryptography;

namespace RsyncFs.Cli.Output;

/// <summary>Where a process speaks, and the clock and the name of this run.</summary>
/// <param name="Output">Standard output: results.</param>
/// <param name="Error">Standard error: progress, notices and errors.</param>
/// <param name="IsInteractive">True if somebody looks at standard error while it is written.</param>
/// <param name="WidthColumns">How many columns a line may have there.</param>
/// <param name="Clock">The time.</param>
/// <param name="RunId">Eight hexadecimal digits, the same in all that this process says.</param>
internal sealed record Terminal(
    TextWriter Output,
    TextWriter Error,
    bool IsInteractive,
    int WidthColumns,
    TimeProvider Clock,
    string RunId
)
{
    private const int UsualWidthColumns = 80;

    /// <summary>Held while a line is written: jobs speak at the same time, and each line is whole.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What is at work, and says where it is when somebody asks.</summary>
    public StatusBoard Status { get; } = new();

    /// <summary>Where a person answers; null if nobody is there.</summary>
    public TextReader? Input { get; init; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        var isInteractive = !Console.IsErrorRedirected;
        return new Terminal(
            Console.Out,
            Console.Error,
            isInteractive,
            isInteractive && Console.WindowWidth > 0 ? Console.WindowWidth : UsualWidthColumns,
            TimeProvider.System,
            RandomNumberGenerator.GetHexString(8, lowercase: true)
        )
        {
            Input = isInteractive && !Console.IsInputRedirected ? Console.In : null,
        };
    }
}
