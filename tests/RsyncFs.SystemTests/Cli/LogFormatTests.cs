using System.Text.Json;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Jobs;
using Xunit;

namespace RsyncFs.SystemTests.Cli;

/// <summary>The forms of what is said on standard error.</summary>
public sealed class LogFormatTests(ITestOutputHelper output)
{
    // The stream that systemd would have made is whatever standard error is here.
    private static readonly RsyncFsProgram InJournal = new(
        "sh",
        "-c",
        "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec \"$@\"",
        "sh"
    );

    [Fact]
    public async Task ARunInTheJournalSaysPrioritiesAndKeys()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene);
        var said = await InJournal.RunAsync("run", "--config", scene.At("rsyncfs.yaml"));
        output.WriteLine(said.ToString());
        Assert.Equal(0, said.ExitCode);
        Assert.Empty(said.Output);
        var line = Assert.Single(said.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"<6>job=a dest={scene.Copy("a")} run=", line, StringComparison.Ordinal);
        Assert.Contains(" event=commit gen=g", line, StringComparison.Ordinal);
        Assert.Contains($" changed={JobScene.ImageBytes} ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStreamOfSomebodyElseIsNotTheJournal()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene);
        var said = await new RsyncFsProgram("env", "JOURNAL_STREAM=8:1").RunAsync(
            "run",
            "--config",
            scene.At("rsyncfs.yaml")
        );
        output.WriteLine(said.ToString());
        Assert.Contains($"a → {scene.Copy("a")}: done", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailureInTheJournalIsOneLine()
    {
        using var scene = new JobScene();
        scene.Make("a");
        File.Delete(scene.Copy("a"));
        Write(scene);
        var said = await scene.RunAsync("run", "--log-format", "systemd");
        output.WriteLine(said.ToString());
        Assert.Equal(8, said.ExitCode);
        var line = Assert.Single(said.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"<3>job=a dest={scene.Copy("a")} ", line, StringComparison.Ordinal);
        Assert.Contains("event=error id=target-missing exit=8 ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWrongCommandLineIsSaidInTheFormThatItAsksFor()
    {
        var said = await new RsyncFsProgram().RunAsync("snyc", "--log-format", "systemd");
        output.WriteLine(said.ToString());
        Assert.Equal(2, said.ExitCode);
        Assert.StartsWith("<3>", said.Error, StringComparison.Ordinal);
        Assert.Contains("event=error id=usage exit=2", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALoopAndAReceiverSayJson()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene);
        await using var loop = scene.Start("loop", "--all", "--log-format", "json");
        await loop.WaitForErrorLineAsync("\"event\":\"commit\"");
        var ended = await loop.StopAsync();
        output.WriteLine(ended.ToString());
        AssertEvents(ended, "ready", "commit");

        await using var receiver = new RsyncFsProgram().Start(
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"t={scene.Copy("a")},init=overwrite",
            "--state",
            scene.At("receiver"),
            "--log-format",
            "json"
        );
        await receiver.WaitForErrorLineAsync("serving 1 target on");
        var stopped = await receiver.StopAsync();
        output.WriteLine(stopped.ToString());
        AssertEvents(stopped, "ready", "stopped");
    }

    private static void AssertEvents(ProgramResult ended, params string[] names)
    {
        var events = ended
            .Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line =>
            {
                using var read = JsonDocument.Parse(line);
                return read.RootElement.GetProperty("event").GetString();
            })
            .ToList();
        Assert.All(names, name => Assert.Contains(name, events));
    }

    private static void Write(JobScene scene) =>
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            jobs: [{ name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}] }]
            """
        );
}
