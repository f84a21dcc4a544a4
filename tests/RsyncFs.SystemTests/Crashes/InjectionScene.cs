using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>One transaction after another, each of them met by one failing call; and the judgement after it.</summary>
internal sealed class InjectionScene(CrashScene scene) : IAsyncDisposable
{
    private const int ChangedBlockCount = 16;

    private string _generation = "";

    /// <summary>Makes the first copy.</summary>
    public async Task BeginAsync()
    {
        await scene.ServeAsync();
        Remember(await scene.ConvergeAsync());
    }

    /// <summary>The calls of the receiver in one transaction.</summary>
    public async Task<IReadOnlyList<TracedCall>> CountReceiverAsync()
    {
        Change();
        await using var tracer = await CallTracer.WatchAsync(scene.Receiver.Id, scene.ReceiverPaths);
        Remember(await scene.ConvergeAsync());
        return tracer.Calls;
    }

    /// <summary>The calls of the sender in one transaction.</summary>
    public async Task<IReadOnlyList<TracedCall>> CountSenderAsync()
    {
        Change();
        await using var sender = await scene.StartStoppedSenderAsync();
        await using var tracer = await CallTracer.WatchAsync(sender.Id, scene.SenderPaths);
        sender.Signal("CONT");
        Remember(CrashScene.SummaryOf(await sender.WaitAsync()));
        return tracer.Calls;
    }

    /// <summary>The calls of a receiver that starts and finds a generation committed and half applied.</summary>
    public async Task<IReadOnlyList<TracedCall>> CountRecoveryAsync()
    {
        await WreckAsync();
        var receiver = await scene.StartStoppedReceiverAsync();
        await using var tracer = await CallTracer.WatchAsync(receiver.Id, scene.ReceiverPaths);
        receiver.Signal("CONT");
        await scene.ServingAsync();
        Assert.Equal(Held.New, scene.AssertWhole(_generation));
        Remember(await scene.ConvergeAsync());
        return tracer.Calls;
    }

    /// <summary>Injects into the receiver while it takes a transaction.</summary>
    public async Task<InjectionResult> InReceiverAsync(InjectionPoint point, bool isRestarted)
    {
        Change();
        var tracer = await InjectAsync(scene.Receiver.Id, scene.ReceiverPaths, point);
        await using var _ = tracer;
        var said = await scene.SyncAsync();
        await tracer.DisposeAsync();
        return await JudgeAsync(point, tracer, said, isRestarted);
    }

    /// <summary>Injects into the sender.</summary>
    public async Task<InjectionResult> InSenderAsync(InjectionPoint point)
    {
        Change();
        await using var sender = await scene.StartStoppedSenderAsync();
        await using var tracer = await InjectAsync(sender.Id, scene.SenderPaths, point);
        sender.Signal("CONT");
        var said = await sender.WaitAsync();
        return await JudgeAsync(point, tracer, said, isRestarted: true);
    }

    /// <summary>Injects into a receiver that starts and finds a generation committed and half applied.</summary>
    public async Task<InjectionResult> InRecoveryAsync(InjectionPoint point)
    {
        await WreckAsync();
        var receiver = await scene.StartStoppedReceiverAsync();
        await using var tracer = await InjectAsync(receiver.Id, scene.ReceiverPaths, point);
        receiver.Signal("CONT");
        ProgramResult? said = null;
        try
        {
            await scene.ServingAsync();
        }
        catch (InvalidOperationException)
        {
            said = await scene.ReceiverEndAsync();
            Assert.NotEqual(0, said.ExitCode);
        }

        await tracer.DisposeAsync();
        if (said is null)
        {
            await scene.StopReceiverAsync();
        }

        await scene.ServeAsync();
        var held = scene.AssertWhole(_generation);
        Assert.True(held == Held.New, $"{point}: a committed generation was lost");
        var next = await scene.ConvergeAsync();
        Remember(next);
        return new InjectionResult(
            point,
            HitOf(tracer),
            said is null ? "serving" : Shortly(said),
            held,
            next.Plan
        );
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => scene.DisposeAsync();

    private static Task<CallTracer> InjectAsync(int processId, string[] paths, InjectionPoint point) =>
        CallTracer.InjectAsync(
            processId,
            paths,
            point.Injection.Calls,
            point.At,
            point.Injection.Fate,
            point.Injection.IsForever
        );

    private static TracedCall? HitOf(CallTracer tracer) =>
        tracer.Calls.FirstOrDefault(call => call.Fate is not "pass");

    private static string Shortly(ProgramResult said)
    {
        var errors = said.Output.StartsWith('{') ? RunEvents.Of(said, "error") : [];
        var id = errors.Count > 0 ? errors[^1].GetProperty("id").GetString() : null;
        id ??= said.Error.Split('[', ']') is [.., var last, _] ? last : "";
        return string.Create(CultureInfo.InvariantCulture, $"exit {said.ExitCode} {id}");
    }

    private void Remember(RunSummary summary) => _generation = summary.Text("gen");

    private void Change()
    {
        scene.Images.Advance();
        scene.Images.ChangeBlocks(ChangedBlockCount);
    }

    /// <summary>Leaves a target of which a part of the committed generation is written, and no receiver.</summary>
    private async Task WreckAsync()
    {
        const int WritesBefore = 5;
        Change();
        await using var tracer = await CallTracer.InjectAsync(
            scene.Receiver.Id,
            [scene.Target.Path],
            ["pwrite64"],
            WritesBefore,
            "kill"
        );
        var said = await scene.SyncAsync();
        await scene.ReceiverEndAsync();
        Assert.True(said.ExitCode == 5, said.ToString());
        var shown = await scene.ShowAsync();
        Assert.True(shown is { Status: "committed", IsInconsistent: true }, shown.ToString());
        // A mix, but where the kill came before any of the writes under way was done.
        Assert.NotEqual(Held.New, scene.Held);
    }

    private async Task<InjectionResult> JudgeAsync(
        InjectionPoint point,
        CallTracer tracer,
        ProgramResult said,
        bool isRestarted
    )
    {
        var hit = HitOf(tracer);
        var story = $"{point} at {hit}: {said}";
        if (scene.Receiver.HasExited)
        {
            await scene.ReceiverEndAsync();
            await scene.ServeAsync();
        }
        else if (isRestarted)
        {
            await scene.StopReceiverAsync();
            await scene.ServeAsync();
        }
        else
        {
            // The failure is over, and the same receiver must get over it; what it left until then may be a mix.
            var left = scene.Held;
            Assert.True(
                said.ExitCode != 0 || left == Held.New,
                $"success was said, and it is {left}: {story}"
            );
            var after = await scene.ConvergeAsync();
            Remember(after);
            return new InjectionResult(point, hit, Shortly(said), left, $"{after.Plan}, same receiver");
        }

        var held = scene.AssertWhole(_generation);
        Assert.True(
            said.ExitCode != 0 || held == Held.New,
            $"success was said, and the target is {held}: {story}"
        );
        var next = await scene.ConvergeAsync();
        Remember(next);
        return new InjectionResult(point, hit, Shortly(said), held, next.Plan);
    }
}
