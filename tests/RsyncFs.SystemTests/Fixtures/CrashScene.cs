using System.Globalization;
using RsyncFs.Linux.State;
using RsyncFs.Sources;
using Xunit;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// A source and a target on loop devices, a sender and a receiver that may be killed at any moment, and the images by
/// which everything is judged afterwards.
/// </summary>
internal sealed class CrashScene : IAsyncDisposable
{
    /// <summary>The target's name.</summary>
    public const string Name = "db01";

    private const int BusyAttemptCount = 400;

    private readonly TemporaryDirectory _state = new();
    private readonly NetworkPair? _network;
    private RunningProgram? _receiver;
    private int _port;

    /// <summary>Makes the devices; the source has random content.</summary>
    /// <param name="sizeBytes">Bytes of each.</param>
    /// <param name="seed">Of the content.</param>
    /// <param name="network">The link between the two, if there is one.</param>
    /// <param name="target">The target, if it is a special one; it becomes the scene's.</param>
    public CrashScene(long sizeBytes, int seed, NetworkPair? network = null, LoopDevice? target = null)
    {
        _network = network;
        Source = new LoopDevice(sizeBytes);
        Target = target ?? new LoopDevice(sizeBytes);
        Images = new SavedImages(Source.Path, sizeBytes, (ulong)(uint)seed << 32);
    }

    /// <summary>The source.</summary>
    public LoopDevice Source { get; }

    /// <summary>The target.</summary>
    public LoopDevice Target { get; }

    /// <summary>What the target may be.</summary>
    public SavedImages Images { get; }

    /// <summary>More options of <c>serve</c>.</summary>
    public IReadOnlyList<string> ServeOptions { get; set; } = [];

    /// <summary>More options of <c>sync</c>.</summary>
    public IReadOnlyList<string> SyncOptions { get; set; } = [];

    /// <summary>The receiver.</summary>
    public RunningProgram Receiver => _receiver ?? throw new InvalidOperationException("nobody serves");

    /// <summary>Where the receiver's state is.</summary>
    public string ReceiverState => _state.At("receiver");

    /// <summary>Where the sender's state is.</summary>
    public string SenderState => _state.At("sender");

    /// <summary>Where the state of the target is.</summary>
    public string TargetState => Path.Combine(ReceiverState, "targets", Name);

    /// <summary>The journal, if there is one.</summary>
    public string Journal => Path.Combine(TargetState, "journal");

    /// <summary>What the state file says; null if there is none.</summary>
    public TargetOnDisk? OnDisk => TargetOnDisk.TryRead(Path.Combine(TargetState, "state"));

    /// <summary>What the device holds.</summary>
    public Held Held => Images.Compare(Target.Path);

    /// <summary>What a tracer of the receiver watches: the state directory and the device.</summary>
    public string[] ReceiverPaths => [ReceiverState, Target.Path];

    /// <summary>What a tracer of the sender watches: the state directory and the device.</summary>
    public string[] SenderPaths => [SenderState, Source.Path];

    private string Host => _network is null ? "127.0.0.1" : NetworkPair.ReceiverAddress;

    private string[] PlaintextSwitch => _network is null ? [] : ["--allow-plaintext"];

    /// <summary>The command line of <c>serve</c>.</summary>
    public string[] ServeArguments =>
        [
            "serve",
            "--listen",
            string.Create(CultureInfo.InvariantCulture, $"{Host}:{_port}"),
            "--target",
            $"{Name}={Target.Path},init",
            "--state",
            ReceiverState,
            .. PlaintextSwitch,
            .. ServeOptions,
        ];

    /// <summary>The target as the sender names it.</summary>
    public string Destination =>
        string.Create(CultureInfo.InvariantCulture, $"rsyncfs+tcp://{Host}:{_port}/{Name}");

    /// <summary>The command line of <c>sync</c>.</summary>
    public string[] SyncArguments =>
        [
            "sync",
            "--json",
            Source.Path,
            Destination,
            "--state",
            SenderState,
            .. PlaintextSwitch,
            .. SyncOptions,
        ];

    /// <summary>rsyncfs at the receiver's end.</summary>
    public RsyncFsProgram ReceiverProgram => _network?.Receiver ?? new RsyncFsProgram();

    /// <summary>rsyncfs at the sender's end.</summary>
    public RsyncFsProgram SenderProgram => _network?.Sender ?? new RsyncFsProgram();

    /// <summary>Starts a receiver, and waits until it has recovered and serves; a later one takes the port of the first.</summary>
    public async Task ServeAsync()
    {
        StartReceiver();
        await ServingAsync();
    }

    /// <summary>Starts a receiver and waits for nothing.</summary>
    public RunningProgram StartReceiver() => _receiver = ReceiverProgram.Start(ServeArguments);

    /// <summary>Starts a receiver that is stopped before its first instruction; a tracer sees all that it does from <c>SIGCONT</c> on.</summary>
    public async Task<RunningProgram> StartStoppedReceiverAsync() =>
        _receiver = await ReceiverProgram.StartStoppedAsync(ServeArguments);

    /// <summary>Starts a sender in the same way.</summary>
    public Task<RunningProgram> StartStoppedSenderAsync() => SenderProgram.StartStoppedAsync(SyncArguments);

    /// <summary>Waits until a receiver that was started serves.</summary>
    public async Task ServingAsync() => _port = await Receiver.PortAsync();

    /// <summary>Kills the receiver.</summary>
    public async Task<ProgramResult> KillReceiverAsync()
    {
        if (!Receiver.HasExited)
        {
            Receiver.Kill();
        }

        return await ReceiverEndAsync();
    }

    /// <summary>Ends the receiver as a service manager does.</summary>
    public async Task<ProgramResult> StopReceiverAsync()
    {
        Receiver.Signal("TERM");
        return await ReceiverEndAsync();
    }

    /// <summary>Waits for the end of the receiver.</summary>
    public async Task<ProgramResult> ReceiverEndAsync()
    {
        var said = await Receiver.WaitAsync();
        await Receiver.DisposeAsync();
        _receiver = null;
        return said;
    }

    /// <summary>Starts a sender.</summary>
    public RunningProgram StartSender() => SenderProgram.Start(SyncArguments);

    /// <summary>Runs a sender to its end, whatever it is.</summary>
    public Task<ProgramResult> SyncAsync() => SenderProgram.RunAsync(SyncArguments);

    /// <summary>
    /// Runs a sender that must succeed and make the target equal to the source. The receiver may still be at work on
    /// what a sender that died has left on the link: then the target is busy, and the sender tries again.
    /// </summary>
    public async Task<RunSummary> ConvergeAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            var result = await SyncAsync();
            if (result.ExitCode == 0)
            {
                Assert.True(Held == Held.New, $"success, and the target is {Held}: {result}");
                return SummaryOf(result);
            }

            Assert.True(
                result.ExitCode == 5
                    && attempt < BusyAttemptCount
                    && result.Output.Contains("\"target-busy\"", StringComparison.Ordinal),
                $"the next run did not succeed: {result}\n--- receiver\n{(_receiver is null ? "" : Receiver.ErrorSoFar)}"
            );
        }
    }

    /// <summary>What a sender that succeeded said.</summary>
    public static RunSummary SummaryOf(ProgramResult result) => new(RunEvents.Of(result, "summary").Single());

    /// <summary>What <c>target show</c> says of the target.</summary>
    public async Task<TargetShown> ShowAsync() =>
        TargetShown.Parse(
            await ReceiverProgram.RunOkAsync("target", "show", Name, "--json", "--state", ReceiverState)
        );

    /// <summary>
    /// How much of an interrupted transfer the sender was told to be durable, in records of the delta; 0 if it was
    /// told of nothing. From there the next run goes on; the target may have more, of which the word was lost.
    /// </summary>
    public long AcknowledgedRecordCount
    {
        get
        {
            var sources = Path.Combine(SenderState, "sources");
            return Directory.Exists(sources)
                ? Directory.EnumerateDirectories(sources).Sum(path => AcknowledgedIn(path))
                : 0;
        }
    }

    /// <summary>What a target is must be what its state says: fails if it is not.</summary>
    /// <param name="generation">The generation that N is.</param>
    public Held AssertWhole(string generation)
    {
        var (held, state) = (Held, OnDisk);
        Assert.NotNull(state);
        Assert.True(held != Held.Mix, $"the target is a mix, and its state says {state}");
        Assert.True(state.Status is "consistent", $"the target is {held}, and its state says {state}");
        Assert.True(
            held == Held.Old == string.Equals(state.Generation, generation, StringComparison.Ordinal),
            $"the target is {held}, generation N is {generation}, and its state says {state}"
        );
        return held;
    }

    /// <summary>The same by the word of <c>target show</c>.</summary>
    public async Task<Held> AssertShownWholeAsync(string generation)
    {
        var held = AssertWhole(generation);
        var shown = await ShowAsync();
        Assert.True(shown is { Status: "consistent", IsInconsistent: false }, shown.ToString());
        Assert.Equal(OnDisk!.Generation, shown.Generation);
        return held;
    }

    private long AcknowledgedIn(string sourceState) =>
        SourceState
            .Load(LinuxDurableDirectory.OpenRoot(sourceState))
            .At(Destination)
            .Resume?.Position.RecordCount
        ?? 0;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }

        Target.Dispose();
        Source.Dispose();
        Images.Dispose();
        _state.Dispose();
    }
}
