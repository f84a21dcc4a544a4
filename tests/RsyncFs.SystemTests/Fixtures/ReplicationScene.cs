using System.Globalization;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// A source, a target and the receiver that has it: processes, devices and state directories, on one machine or, with
/// a <see cref="NetworkPair"/>, on what TCP takes for two. The devices are the caller's, the processes the scene's.
/// </summary>
internal sealed class ReplicationScene(string source, string target, NetworkPair? network = null)
    : IAsyncDisposable
{
    private readonly TemporaryDirectory _state = new();
    private RunningProgram? _receiver;
    private int _port;

    /// <summary>The receiver.</summary>
    public RunningProgram Receiver => _receiver ?? throw new InvalidOperationException("nobody serves");

    /// <summary>Where the sender's state is.</summary>
    public string SenderState => _state.At("sender");

    /// <summary>Where the receiver's state is.</summary>
    public string ReceiverState => _state.At("receiver");

    /// <summary>The target as a sender names it.</summary>
    public string Destination =>
        string.Create(CultureInfo.InvariantCulture, $"rsyncfs+tcp://{ReceiverHost}:{_port}/db01");

    private RsyncFsProgram SenderProgram => network?.Sender ?? new RsyncFsProgram();

    private string ReceiverHost => network is null ? "127.0.0.1" : NetworkPair.ReceiverAddress;

    private string[] PlaintextSwitch => network is null ? [] : ["--allow-plaintext"];

    /// <summary>Starts the receiver; a later one takes the port of the first.</summary>
    /// <param name="init">What follows the device: <c>init</c>, <c>init=overwrite</c> or nothing.</param>
    public async Task ServeAsync(string init = "init")
    {
        var program = network?.Receiver ?? new RsyncFsProgram();
        _receiver = await program.ServeAsync([
            "--listen",
            string.Create(CultureInfo.InvariantCulture, $"{ReceiverHost}:{_port}"),
            "--target",
            init.Length == 0 ? $"db01={target}" : $"db01={target},{init}",
            "--state",
            ReceiverState,
            .. PlaintextSwitch,
        ]);
        _port = await _receiver.PortAsync();
    }

    /// <summary>Ends the receiver as a service manager does.</summary>
    public async Task<ProgramResult> StopAsync()
    {
        var result = await Receiver.StopAsync();
        await Receiver.DisposeAsync();
        _receiver = null;
        return result;
    }

    /// <summary>Kills the receiver, as a power cut would its machine.</summary>
    public async Task KillReceiverAsync()
    {
        await Receiver.DisposeAsync();
        _receiver = null;
    }

    /// <summary>Starts a sender.</summary>
    public RunningProgram Start(params string[] options) => SenderProgram.Start(Line("sync", options));

    /// <summary>Runs a sender to its end, whatever it is; errors are text.</summary>
    public Task<ProgramResult> TrySyncAsync(params string[] options) =>
        SenderProgram.RunAsync(Line("sync", options));

    /// <summary>Runs a sender that must succeed.</summary>
    public async Task<RunSummary> SyncAsync(params string[] options)
    {
        var result = await SenderProgram.RunOkAsync(Line("sync", ["--json", .. options]));
        return new RunSummary(RunEvents.Of(result, "summary").Single());
    }

    /// <summary>Compares with <c>rsyncfs verify</c>.</summary>
    public Task<ProgramResult> VerifyAsync(params string[] options) =>
        SenderProgram.RunAsync(Line("verify", options));

    /// <summary>Fails unless the target is the source.</summary>
    public void AssertSame() => Verdict.Same(source, target);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }

        _state.Dispose();
    }

    private string[] Line(string verb, string[] options) =>
        [verb, source, Destination, "--state", SenderState, .. PlaintextSwitch, .. options];
}
