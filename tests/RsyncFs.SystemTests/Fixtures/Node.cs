using System.Globalization;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>One machine of a failover pair: its end of the network, its device, its state, and the receiver that may run on it.</summary>
internal sealed class Node(RsyncFsProgram program, string address, LoopDevice device) : IAsyncDisposable
{
    private const int Port = 8730;
    private readonly TemporaryDirectory _state = new();
    private RunningProgram? _receiver;

    /// <summary>Its device.</summary>
    public string Device => device.Path;

    /// <summary>The target <c>db01</c> on it, as the other node names it.</summary>
    public string Destination =>
        string.Create(CultureInfo.InvariantCulture, $"rsyncfs+tcp://{address}:{Port}/db01");

    /// <summary>Starts its receiver.</summary>
    public async Task ServeAsync(string init)
    {
        _receiver = await program.ServeAsync(
            "--listen",
            string.Create(CultureInfo.InvariantCulture, $"{address}:{Port}"),
            "--target",
            $"db01={Device}{init}",
            "--allow-plaintext",
            "--state",
            _state.Path
        );
        await _receiver.PortAsync();
    }

    /// <summary>Ends its receiver.</summary>
    public async Task StopServingAsync()
    {
        await _receiver!.StopAsync();
        await _receiver.DisposeAsync();
        _receiver = null;
    }

    /// <summary>Replicates its device to the other node; must succeed.</summary>
    public async Task<RunSummary> SyncAsync(Node other)
    {
        var result = await program.RunOkAsync(["sync", "--json", .. Line(other)]);
        return new RunSummary(RunEvents.Of(result, "summary").Single());
    }

    /// <summary>Tries to.</summary>
    public Task<ProgramResult> TrySyncAsync(Node other) => program.RunAsync(["sync", .. Line(other)]);

    /// <summary>Runs a verb of <c>rsyncfs target</c> that must succeed.</summary>
    public Task<ProgramResult> TargetAsync(params string[] words) =>
        program.RunOkAsync(["target", .. words, "--state", _state.Path]);

    /// <summary>Works on the file system of its device, as whoever runs there does.</summary>
    public void Use(Action<string> work)
    {
        using var mount = new Mount(Device);
        work(mount.Path);
    }

    /// <summary>Fails unless the file system on its device is clean.</summary>
    public void AssertClean() => Command.Run("e2fsck", "-fn", Device);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }

        _state.Dispose();
    }

    private string[] Line(Node other) =>
        [Device, other.Destination, "--allow-plaintext", "--state", _state.Path];
}
