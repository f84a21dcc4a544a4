using System.Globalization;
using System.Text.Json;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>Whoever wants to know is told what jobs live through, by a program or by HTTP.</summary>
public sealed class NotifyTests(ITestOutputHelper output)
{
    [Fact]
    public async Task BeginAndSuccessArePinged()
    {
        using var scene = new JobScene();
        using var listener = new PingListener(_ => { });
        scene.Make("a");
        Write(
            scene,
            $"{{ on: [start], ping: \"{listener.At("/p/start")}\" }}",
            $"{{ on: [success], ping: \"{listener.At("/p")}\", method: post }}",
            $"{{ on: [failed], ping: \"{listener.At("/p/fail")}\" }}"
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(0, said.ExitCode);
        Assert.Empty(said.Error);
        var asked = listener.Asked.Order(StringComparer.Ordinal).ToList();
        Assert.Equal(2, asked.Count);
        Assert.Equal("GET /p/start", asked[0]);
        Assert.StartsWith("POST /p {", asked[1], StringComparison.Ordinal);
        using var body = JsonDocument.Parse(asked[1]["POST /p ".Length..]);
        Assert.Equal("success", body.RootElement.GetProperty("event").GetString());
        Assert.Equal("a", body.RootElement.GetProperty("job").GetString());
        Assert.Equal("ok", body.RootElement.GetProperty("result").GetString());
    }

    [Fact]
    public async Task AFailureIsPingedAndRunsAProgramThatKnowsWhy()
    {
        using var scene = new JobScene();
        using var listener = new PingListener(_ => { });
        scene.Make("a");
        File.Delete(scene.Copy("a"));
        Write(
            scene,
            $"{{ on: [success], ping: \"{listener.At("/p")}\" }}",
            $"{{ on: [failed], ping: \"{listener.At("/p/fail")}\" }}",
            $"{{ on: [failed], run: [/bin/sh, -c, \"env > {scene.At("env")}; echo paged\"] }}",
            $"{{ on: [recovered, lagging], run: [/bin/sh, -c, \"touch {scene.At("never")}\"] }}"
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(8, said.ExitCode);
        Assert.Equal(["GET /p/fail"], listener.Asked);
        Assert.Contains("rsyncfs: sh: paged", said.Error, StringComparison.Ordinal);
        var variables = await File.ReadAllLinesAsync(scene.At("env"), TestContext.Current.CancellationToken);
        Assert.Contains("RSYNCFS_EVENT=failed", variables);
        Assert.Contains("RSYNCFS_JOB=a", variables);
        Assert.Contains("RSYNCFS_ERROR_ID=target-missing", variables);
        Assert.Contains(
            variables,
            line => line.StartsWith("RSYNCFS_MESSAGE=the target", StringComparison.Ordinal)
        );
        Assert.False(File.Exists(scene.At("never")));
    }

    [Fact]
    public async Task WhatCanNotBeToldIsAWarningAndNoFailure()
    {
        using var scene = new JobScene();
        using var listener = new PingListener(context =>
        {
            if (context.Request.RawUrl is "/gone")
            {
                context.Response.StatusCode = 404;
            }
            else
            {
                // Round and round.
                context.Response.Redirect("/turn");
            }
        });
        scene.Make("a");
        Write(
            scene,
            $"{{ on: [success], ping: \"{listener.At("/gone")}\" }}",
            $"{{ on: [success], ping: \"{listener.At("/turn")}\" }}",
            "{ on: [success], run: [/bin/sh, -c, \"exit 3\"] }",
            // Nobody listens on the port that no service has.
            "{ on: [start], ping: \"http://127.0.0.1:1/secret\" }"
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(0, said.ExitCode);
        Assert.True(scene.AreSame("a", "a"));
        Assert.Contains(
            "rsyncfs: warning: notify 127.0.0.1: the answer was 404 Not Found",
            said.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("notify 127.0.0.1: the answer was 302", said.Error, StringComparison.Ordinal);
        Assert.Contains("notify sh: exit code 3", said.Error, StringComparison.Ordinal);
        Assert.Contains("notify 127.0.0.1: Connection refused", said.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", said.Error, StringComparison.Ordinal);
        // Once asked, and five times sent elsewhere.
        Assert.Equal(6, listener.Asked.Count(asked => asked is "GET /turn"));
    }

    [Fact]
    public async Task AServerThatDoesNotAnswerIsNotWaitedForLong()
    {
        using var scene = new JobScene();
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        scene.Make("a");
        Write(scene, $"{{ on: [success], ping: \"http://127.0.0.1:{port}/\", timeout: 100ms }}");
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(0, said.ExitCode);
        Assert.Contains("notify 127.0.0.1: no answer within 0.1 s", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALoopTellsOfTroubleOnceOfLagAndOfTheEndOfBoth()
    {
        using var scene = new JobScene();
        scene.Make("a");
        var bytes = await File.ReadAllBytesAsync(scene.Copy("a"), TestContext.Current.CancellationToken);
        File.Delete(scene.Copy("a"));
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            defaults: { interval: 100ms, min_rest: 10ms, retry: { first: 10ms, max: 20ms }, rpo: 1s }
            jobs: [{ name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}] }]
            notify:
              - { on: [failed, lagging, recovered], run: [/bin/sh, -c, "echo $RSYNCFS_EVENT >> {{scene.At(
                "told"
            )}}"] }
            """
        );
        await using var loop = scene.Start("loop", "--all");
        await Poll.UntilAsync(() => Told(scene).Contains("lagging", StringComparer.Ordinal));
        await File.WriteAllBytesAsync(scene.Copy("a"), bytes, TestContext.Current.CancellationToken);
        await Poll.UntilAsync(() => Told(scene).Contains("recovered", StringComparer.Ordinal));
        var ended = await loop.StopAsync();
        output.WriteLine(ended.ToString());
        Assert.Equal(["failed", "lagging", "recovered"], Told(scene)[..3]);
    }

    [Fact]
    public async Task ARuleThatCanNotBeUsedIsSaid()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(
            scene,
            "{ on: [sucess], ping: \"ftp://x\" }",
            "{ on: [failed] }",
            "{ on: [failed], run: [page], jobs: [b] }",
            "{ on: [lagging], run: [/bin/page] }"
        );
        var said = await scene.RunAsync("config", "check", "--strict");
        output.WriteLine(said.ToString());
        Assert.Equal(3, said.ExitCode);
        Assert.Contains("did you mean 'success'?", said.Error, StringComparison.Ordinal);
        Assert.Contains("'ftp://x' is no address", said.Error, StringComparison.Ordinal);
        Assert.Contains("nobody is told", said.Error, StringComparison.Ordinal);
        Assert.Contains("'page' is not an absolute path", said.Error, StringComparison.Ordinal);
        Assert.Contains("there is no job 'b'", said.Error, StringComparison.Ordinal);
        Assert.Contains("job a has no rpo", said.Error, StringComparison.Ordinal);
    }

    private static string[] Told(JobScene scene) =>
        File.Exists(scene.At("told")) ? File.ReadAllLines(scene.At("told")) : [];

    private static void Write(JobScene scene, params string[] rules) =>
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            jobs: [{ name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}] }]
            notify:
              - {{string.Join("\n  - ", rules)}}
            """
        );
}
