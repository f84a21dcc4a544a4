using System.Text.Json;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Targets;

/// <summary>A source and a target on devices of their own, and the verbs of <c>rsyncfs target</c> on the receiver's state.</summary>
internal sealed class TargetScene : IAsyncDisposable
{
    public const int MiB = 1024 * 1024;
    public const int BlockBytes = 64 * 1024;
    public const long Size = 16L * MiB;

    private static readonly RsyncFsProgram Program = new();

    private readonly NetworkPair? _network;

    /// <summary>Makes the devices.</summary>
    /// <param name="isOnTwoMachines">True for a network whose rate can be limited.</param>
    /// <param name="sizeBytes">Bytes of each device.</param>
    public TargetScene(bool isOnTwoMachines = false, long sizeBytes = Size)
    {
        _network = isOnTwoMachines ? new NetworkPair() : null;
        Source = new LoopDevice(sizeBytes);
        Target = new LoopDevice(sizeBytes);
        Replication = new ReplicationScene(Source.Path, Target.Path, _network);
    }

    public LoopDevice Source { get; }

    public LoopDevice Target { get; }

    public ReplicationScene Replication { get; }

    public NetworkPair Network => _network ?? throw new InvalidOperationException("one machine");

    /// <summary>Where the receiver's state is.</summary>
    public string State => Replication.ReceiverState;

    /// <summary>Random content on the source, served, copied, and served no more unless <paramref name="isServed"/>.</summary>
    public async Task CopyAsync(bool isServed, string init = "init")
    {
        new RandomContent(1).WriteTo(Source.Path, 0, Source.SizeBytes);
        await CopyAsItIsAsync(isServed, init);
    }

    /// <summary>The same of a source that has its content.</summary>
    public async Task CopyAsItIsAsync(bool isServed, string init = "init")
    {
        await Replication.ServeAsync(init);
        await Replication.SyncAsync();
        if (!isServed)
        {
            await Replication.StopAsync();
        }
    }

    /// <summary>Runs a verb of <c>target</c>, whatever comes of it.</summary>
    public Task<ProgramResult> TryAsync(params string[] words) =>
        Program.RunAsync(["target", .. words, "--state", State]);

    /// <summary>Runs a verb that must succeed; its document.</summary>
    public async Task<JsonElement> RunAsync(params string[] words)
    {
        var result = await Program.RunOkAsync(["target", .. words, "--json", "--state", State]);
        Assert.Empty(result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    /// <summary>Runs a verb that must be refused with this exit code and id, with a hint, and nothing of state or device changed.</summary>
    public async Task<ProgramResult> RefusedAsync(int exitCode, string id, params string[] words)
    {
        var before = Meaning();
        var result = await TryAsync(words);
        Assert.True(exitCode == result.ExitCode, $"{exitCode} expected: {result}");
        Assert.Contains($"[{id}]\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("\n  hint   ", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Equal(before, Meaning());
        return result;
    }

    /// <summary>The word for what the target is.</summary>
    public async Task<string> StatusAsync(string name = "db01") =>
        Text((await RunAsync("show", name)).GetProperty("target"), "status");

    /// <summary>What a verb that changes nothing leaves as it was, to the byte.</summary>
    public (string State, string Target, long Sectors) Witness() => Look("lock");

    /// <summary>What a verb leaves as it was that opens the target and finds nothing to change: its state is written anew, with the same meaning.</summary>
    public (string State, string Target, long Sectors, string Meaning) Meaning()
    {
        var (state, target, sectors) = Look("lock", "state");
        var onDisk = TargetOnDisk.TryRead(Path.Combine(State, "targets", "db01", "state"));
        return (state, target, sectors, $"{onDisk?.Status} {onDisk?.Generation} {onDisk?.Pending}");
    }

    private (string State, string Target, long Sectors) Look(params string[] except) =>
        (
            Directory.Exists(State)
                ? DeviceBytes.HashTree(State, [.. except, "control.sock", "control.sock.lock"])
                : "",
            DeviceBytes.Hash(Target.Path),
            Target.SectorsWritten
        );

    /// <summary>Another sender's run on the same source, whatever comes of it.</summary>
    public Task<ProgramResult> SyncAsync(string source, string destination, string state) =>
        Program.RunAsync("sync", source, destination, "--state", state);

    public static string Text(JsonElement document, string name) => document.GetProperty(name).GetString()!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Replication.DisposeAsync();
        Target.Dispose();
        Source.Dispose();
        _network?.Dispose();
    }
}
