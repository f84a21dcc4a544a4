using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>What is refused, how it is said, and that it leaves every byte of the target as it was.</summary>
public sealed class RefusalTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = 8L * MiB;

    private static readonly RsyncFsProgram Program = new();

    private readonly TemporaryDirectory _directory = new();
    private readonly LoopDevice _source = new(Size);
    private readonly LoopDevice _target = new(Size);

    public void Dispose()
    {
        _target.Dispose();
        _source.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task ATargetThatTheReceiverDoesNotKnow()
    {
        await using var scene = await ServingAsync();
        var destination = scene.Destination.Replace("db01", "db02", StringComparison.Ordinal);
        await RefusedAsync(6, "target-unknown", () => SyncAsync(_source.Path, destination));
    }

    [Fact]
    public async Task AFirstCopyThatTheReceiverDidNotAllow()
    {
        await using var scene = await ServingAsync(init: "");
        var result = await RefusedAsync(6, "target-init-refused", () => scene.TrySyncAsync());
        Assert.Contains(",init", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Size - 512)]
    [InlineData(Size + 512)]
    public async Task ASourceOfAnotherSize(long size)
    {
        using var other = new LoopDevice(size);
        await using var scene = await ServingAsync();
        var result = await RefusedAsync(8, "size-mismatch", () => SyncAsync(other.Path, scene.Destination));
        Assert.Contains(size.ToString(CultureInfo.InvariantCulture), result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ATargetThatIsMounted(bool isServed)
    {
        Command.Run("mkfs.ext4", "-q", _target.Path);
        // Read-only and as it is: a file system that is mounted for writing writes by itself.
        using var mount = new Mount(_target.Path, "-o", "ro,noload");
        var result = await RefusedAsync(
            8,
            "target-in-use",
            () => isServed ? ServeAsync(_target.Path) : SyncAsync(_source.Path, _target.Path, "--force")
        );
        Assert.Contains("mounted at", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ATargetThatBearsAFileSystem(bool isServed)
    {
        Command.Run("mkfs.ext4", "-q", _target.Path);
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        await using var scene = await ServingAsync();
        if (!isServed)
        {
            await scene.StopAsync();
        }

        var result = await RefusedAsync(
            8,
            "target-signature",
            () => isServed ? scene.TrySyncAsync() : SyncAsync(_source.Path, _target.Path)
        );
        Assert.Contains("ext4", result.Error, StringComparison.Ordinal);
        Assert.Contains(isServed ? "init=overwrite" : "--force", result.Error, StringComparison.Ordinal);

        if (isServed)
        {
            await scene.StopAsync();
            await scene.ServeAsync("init=overwrite");
            await scene.SyncAsync();
        }
        else
        {
            Assert.Equal(0, (await SyncAsync(_source.Path, _target.Path, "--force")).ExitCode);
        }

        Verdict.Same(_source.Path, _target.Path);
    }

    [Fact]
    public async Task ATargetOfAnotherSource()
    {
        using var other = new LoopDevice(Size);
        new RandomContent(2).WriteTo(other.Path, 0, MiB);
        await using var scene = await ServingAsync();
        await scene.SyncAsync();
        await RefusedAsync(8, "sender-unknown", () => SyncAsync(other.Path, scene.Destination));
        Assert.True((await scene.SyncAsync()).IsUnchanged);
    }

    [Fact]
    public async Task ATargetThatIsReadOnly()
    {
        _target.MakeReadOnly();
        await RefusedAsync(8, "target-read-only", () => ServeAsync(_target.Path));
        await RefusedAsync(8, "target-read-only", () => SyncAsync(_source.Path, _target.Path));
    }

    [Fact]
    public Task ATargetThatIsNotThere() =>
        RefusedAsync(8, "target-missing", () => ServeAsync(_directory.At("nothing")));

    [Fact]
    public async Task AFileIsNeverMadeWhereADeviceIsMissing()
    {
        var missing = $"/dev/rsyncfs-test-{Environment.ProcessId}";
        await RefusedAsync(8, "target-missing", () => ServeAsync(missing));
        await RefusedAsync(8, "target-missing", () => SyncAsync(_source.Path, missing));
        Assert.False(Path.Exists(missing));
    }

    [Fact]
    public async Task ASecondReceiverOnTheSameDevice()
    {
        await using var scene = await ServingAsync();
        var result = await RefusedAsync(8, "target-in-use", () => ServeAsync(_target.Path));
        output.WriteLine(result.ToString());
        await RefusedAsync(8, "target-in-use", () => SyncAsync(_source.Path, _target.Path));
    }

    [Fact]
    public async Task ASecondReceiverOnTheSameState()
    {
        using var other = new LoopDevice(Size);
        await using var scene = await ServingAsync();
        var result = await RefusedAsync(
            11,
            "locked",
            () => ServeAsync(other.Path, Path.Combine(scene.ReceiverState))
        );
        Assert.Contains(
            scene.Receiver.Id.ToString(CultureInfo.InvariantCulture),
            result.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task ASourceThatIsMountedUnlessAFuzzyCopyIsAskedFor()
    {
        Command.Run("mkfs.ext4", "-q", _source.Path);
        using var mount = new Mount(_source.Path);
        await using var scene = await ServingAsync();
        var result = await RefusedAsync(7, "source-in-use", () => scene.TrySyncAsync());
        Assert.Contains("mounted at", result.Error, StringComparison.Ordinal);
        Assert.Contains("--snapshot none", result.Error, StringComparison.Ordinal);

        Assert.True((await scene.SyncAsync("--snapshot", "none")).Flag("fuzzy"));
        File.WriteAllBytes(Path.Combine(mount.Path, "file"), new byte[3 * MiB]);
        var text = await scene.TrySyncAsync("--snapshot", "none", "-v");
        Assert.True(text.ExitCode == 0, text.ToString());
        Assert.Contains("marked fuzzy", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSourceItself()
    {
        await RefusedAsync(2, "usage", () => SyncAsync(_source.Path, _source.Path));

        var link = _directory.At("link");
        File.CreateSymbolicLink(link, _source.Path);
        var before = DeviceBytes.Hash(_source.Path);
        var result = await SyncAsync(_source.Path, link, "--force");
        output.WriteLine(result.ToString());
        Assert.Equal(8, result.ExitCode);
        Assert.Equal(before, DeviceBytes.Hash(_source.Path));
    }

    [Theory]
    [InlineData("--dryrun")]
    [InlineData("--dry-rum")]
    [InlineData("-z")]
    [InlineData("--plan=fast")]
    [InlineData("--block-size=5000")]
    public async Task AMistypedOption(string option)
    {
        await RefusedAsync(2, "usage", () => SyncAsync(_source.Path, _target.Path, option));
        Assert.False(Directory.Exists(_directory.At("sender")));
    }

    [Fact]
    public async Task AReceiverThatIsNotThere()
    {
        await RefusedAsync(5, "unreachable", () => SyncAsync(_source.Path, "rsyncfs+tcp://127.0.0.1:1/db01"));
        await RefusedAsync(
            5,
            "unreachable",
            () => SyncAsync(_source.Path, "rsyncfs+tcp://no-such-host.invalid/db01")
        );
    }

    [Fact]
    public async Task AnUnencryptedConnectionThatTheSenderDidNotAllow()
    {
        using var network = new NetworkPair();
        await using var serving = await network.Receiver.ServeAsync(
            Line(NetworkPair.ReceiverAddress, "--allow-plaintext")
        );
        var destination = await DestinationAsync(serving);
        var result = await RefusedAsync(
            6,
            "plaintext-refused",
            () =>
                network.Sender.RunAsync("sync", _source.Path, destination, "--state", _directory.At("sender"))
        );
        Assert.Contains("--allow-plaintext", result.Error, StringComparison.Ordinal);
        Assert.Contains($"  where  {NetworkPair.ReceiverAddress}\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnencryptedConnectionThatTheReceiverDidNotAllow()
    {
        using var network = new NetworkPair();
        await using var serving = await network.Receiver.ServeAsync(Line(NetworkPair.ReceiverAddress));
        var destination = await DestinationAsync(serving);
        var result = await RefusedAsync(
            6,
            "plaintext-refused",
            () =>
                network.Sender.RunAsync(
                    "sync",
                    _source.Path,
                    destination,
                    "--state",
                    _directory.At("sender"),
                    "--allow-plaintext"
                )
        );
        Assert.Contains("--allow-plaintext", result.Error, StringComparison.Ordinal);
        await serving.WaitForErrorLineAsync("[plaintext-refused]");
    }

    /// <summary>Runs what must be refused with this exit code and id, with a hint, and with no byte of the target written.</summary>
    private async Task<ProgramResult> RefusedAsync(int exitCode, string id, Func<Task<ProgramResult>> run)
    {
        var (bytes, sectors) = (DeviceBytes.Hash(_target.Path), _target.SectorsWritten);
        var result = await run();
        Assert.True(exitCode == result.ExitCode, $"{exitCode} expected: {result}");
        Assert.Contains($"[{id}]\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("\n  hint   ", result.Error, StringComparison.Ordinal);
        Assert.Equal(bytes, DeviceBytes.Hash(_target.Path));
        Assert.Equal(sectors, _target.SectorsWritten);
        output.WriteLine(result.Error);
        return result;
    }

    private async Task<ReplicationScene> ServingAsync(string init = "init")
    {
        var scene = new ReplicationScene(_source.Path, _target.Path);
        await scene.ServeAsync(init);
        return scene;
    }

    private Task<ProgramResult> SyncAsync(string source, string destination, params string[] options) =>
        Program.RunAsync(["sync", source, destination, "--state", _directory.At("sender"), .. options]);

    private Task<ProgramResult> ServeAsync(string device, string? state = null) =>
        Program.RunAsync(
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"db01={device},init",
            "--state",
            state ?? _directory.At("receiver")
        );

    private string[] Line(string host, params string[] options) =>
        [
            "--listen",
            $"{host}:0",
            "--target",
            $"db01={_target.Path},init",
            "--state",
            _directory.At("receiver"),
            .. options,
        ];

    private static async Task<string> DestinationAsync(RunningProgram serving)
    {
        var port = await serving.PortAsync();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"rsyncfs+tcp://{NetworkPair.ReceiverAddress}:{port}/db01"
        );
    }
}
