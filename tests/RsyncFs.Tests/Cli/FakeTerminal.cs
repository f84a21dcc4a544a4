using System.Text;
using RsyncFs.Cli.Output;

namespace RsyncFs.Tests.Cli;

/// <summary>A terminal that remembers what was written, with a clock that is moved by hand.</summary>
internal sealed class FakeTerminal
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    public FakeTerminal(bool isInteractive = false, int widthColumns = 120)
    {
        Terminal = new Terminal(
            new StringWriter(_output),
            new StringWriter(_error),
            isInteractive,
            widthColumns,
            Clock,
            "7f3a91c2"
        );
    }

    public FakeClock Clock { get; } = new();

    public Terminal Terminal { get; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();
}
