using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>The uses of docs/quickstart.md, run by <c>scripts/uses</c> as they stand there.</summary>
public sealed class QuickStartTests(ITestOutputHelper output)
{
    private static readonly string Script = Path.Combine(SourceTree.Root, "scripts/uses");

    public static TheoryData<string> Uses =>
        [.. Command.Run(Script, "--list").Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    [Theory]
    [MemberData(nameof(Uses))]
    public void AUseOfTheManualWorks(string heading)
    {
        var said = Command.Try("env", $"RSYNCFS={RsyncFsProgram.Path}", Script, heading);
        output.WriteLine(said.ToString());
        Assert.Equal(0, said.ExitCode);
        Assert.EndsWith("\nworked: 1\n", said.Output, StringComparison.Ordinal);
    }
}
