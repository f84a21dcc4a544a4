using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Keys;
using Xunit;

namespace RsyncFs.SystemTests.State;

/// <summary>Whose state it is that a process believes.</summary>
public sealed class StateOwnerTests(ITestOutputHelper output)
{
    private const string Other = "54321";

    /// <summary>What stands there says which device is written, and with what.</summary>
    [Fact]
    public async Task RootTakesNoStateOfAnotherUser()
    {
        Root.Require();
        using var directory = new TemporaryDirectory();
        var (source, target, state) = (directory.At("source"), directory.At("target"), directory.At("state"));
        foreach (var image in new[] { source, target })
        {
            await using var file = File.Create(image);
            file.SetLength(1024 * 1024);
        }

        await KeyScene.Program.RunOkAsync("sync", source, target, "--state", state);
        await KeyScene.Program.RunOkAsync("target", "list", "--state", state);
        Command.Run("chown", "-R", Other, state);
        var shown = await KeyScene.Program.RunOkAsync("target", "show", target, "--state", state);
        Assert.Contains("the state belongs to another user", shown.Output, StringComparison.Ordinal);
        string[][] lines =
        [
            ["target", "promote", target, "--state", state],
            ["sync", source, target, "--state", state],
        ];
        foreach (var line in lines)
        {
            var said = await KeyScene.Program.RunAsync(line);
            output.WriteLine(said.ToString());
            Assert.True(said.ExitCode == 6, said.ToString());
            Assert.Contains("the state belongs to another user", said.Error, StringComparison.Ordinal);
            Assert.Contains("runuser -u $(id -nu 54321)", said.Error, StringComparison.Ordinal);
        }
    }
}
