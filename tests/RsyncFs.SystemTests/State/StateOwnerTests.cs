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
        string[] elsewhere =
        [
            "--key",
            directory.At("node.key"),
            "--peers",
            directory.At("peers"),
            "--socket",
            directory.At("control.sock"),
        ];
        await KeyScene.Program.RunOkAsync("key", "gen", "--key", elsewhere[1]);
        foreach (var image in new[] { source, target })
        {
            await using var file = File.Create(image);
            file.SetLength(1024 * 1024);
        }

        await KeyScene.Program.RunOkAsync("sync", source, target, "--state", state);
        await KeyScene.Program.RunOkAsync("target", "list", "--state", state);

        // Below, all is root's: whoever has the directory can put something else there, a link, say.
        Command.Run("chown", Other, state);
        await RefusedAsync("runuser -u $(id -nu 54321)");
        Command.Run("chown", "0", state);
        Command.Run("chmod", "0770", state);
        await RefusedAsync("chmod go-w");
        Command.Run("chmod", "0700", state);
        await KeyScene.Program.RunOkAsync("sync", source, target, "--state", state);

        async Task RefusedAsync(string hint)
        {
            string[][] lines =
            [
                ["target", "show", target, "--state", state],
                ["target", "promote", target, "--state", state],
                ["sync", source, target, "--state", state],
                ["verify", source, target, "--state", state],
                ["doctor", "--fix", "--state", state],
                [
                    "serve",
                    "--listen",
                    "127.0.0.1:0",
                    "--target",
                    $"db01={target},init",
                    "--state",
                    state,
                    .. elsewhere,
                ],
            ];
            foreach (var line in lines)
            {
                var said = await KeyScene.Program.RunAsync(line);
                output.WriteLine(said.ToString());
                Assert.True(said.ExitCode == (line[0] is "doctor" ? 10 : 6), said.ToString());
                var all = said.Output + said.Error;
                Assert.Contains("the state is not root's alone", all, StringComparison.Ordinal);
                Assert.Contains(hint, all, StringComparison.Ordinal);
            }
        }
    }
}
