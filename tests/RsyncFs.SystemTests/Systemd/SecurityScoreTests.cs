using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Systemd;

/// <summary>What systemd itself says of our units. It does not have to run for that.</summary>
public sealed class SecurityScoreTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string Units = Path.Combine(SourceTree.Root, "scripts/systemd");

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void NoServiceIsMoreExposedThanWasCommitted()
    {
        var said = Command.Try(Path.Combine(Units, "security-score"), "--check");
        output.WriteLine(said.Output + said.Error);
        Assert.Equal(0, said.ExitCode);
        Assert.Contains("rsyncfs-recv.service", said.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/^NoNewPrivileges=/d", "SECURITY-SCORE.md says")]
    [InlineData("s/^User=.*/User=root/", "SECURITY-SCORE.md says")]
    [InlineData("s/^UMask=/UMaks=/", "UMaks")]
    public void AServiceThatIsMoreExposedOrNotUnderstoodIsFound(string spoil, string said)
    {
        Command.Run("cp", "-r", Units, _directory.At("units"));
        Command.Run("sed", "-i", spoil, _directory.At("units/rsyncfs-recv.service"));
        var checkup = Command.Try(_directory.At("units/security-score"), "--check");
        output.WriteLine(checkup.Output + checkup.Error);
        Assert.Equal(1, checkup.ExitCode);
        Assert.Contains(said, checkup.Error, StringComparison.Ordinal);
    }

    /// <summary>Whoever copies the rule as it is has given nothing away.</summary>
    [Fact]
    public void TheUdevRuleMatchesNothingBeforeATargetIsNamed() =>
        Assert.All(
            File.ReadLines(Path.Combine(Units, "70-rsyncfs.rules")),
            line => Assert.True(line.Length == 0 || line.StartsWith('#'), line)
        );
}
