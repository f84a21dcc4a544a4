using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>A sender and a receiver with keys, on one machine: each has a state directory of its own, and so an identity.</summary>
internal sealed class KeyScene : IAsyncDisposable
{
    public const int ImageBytes = 8 * 1024 * 1024;

    private readonly TemporaryDirectory _directory = new();
    private RunningProgram? _receiver;

    public KeyScene()
    {
        Source = _directory.At("source");
        Target = _directory.At("target");
        foreach (var image in new[] { Source, Target })
        {
            using var file = File.Create(image);
            file.SetLength(ImageBytes);
        }

        new RandomContent(1).WriteTo(Source, 0, ImageBytes);
    }

    public static RsyncFsProgram Program { get; } = new();

    /// <summary>How the receiver is started.</summary>
    public RsyncFsProgram ReceiverProgram { get; init; } = Program;

    public string Source { get; }

    public string Target { get; }

    public string SenderState => _directory.At("sender");

    public string ReceiverState => _directory.At("receiver");

    /// <summary>The list of those that the receiver knows.</summary>
    public string ReceiverPeers => Path.Combine(ReceiverState, "peers");

    public RunningProgram Receiver => _receiver ?? throw new InvalidOperationException("nobody serves");

    public int Port { get; private set; }

    /// <summary>The receiver's address; tests that put somebody in between take another port.</summary>
    public string UrlAt(int port, string target = "db01") =>
        string.Create(CultureInfo.InvariantCulture, $"rsyncfs://127.0.0.1:{port}/{target}");

    /// <summary>Makes a key; gives what others know it by.</summary>
    public static async Task<string> GenerateAsync(string state) =>
        (await Program.RunOkAsync("key", "gen", "--state", state)).Output.Trim();

    /// <summary>Makes both keys, and each known to the other.</summary>
    /// <param name="rights">What the sender may do; empty for nothing.</param>
    public async Task PairAsync(string rights = "write,verify,init")
    {
        var sender = await GenerateAsync(SenderState);
        var receiver = await GenerateAsync(ReceiverState);
        string[] allow = rights.Length > 0 ? ["--allow", $"db01={rights}"] : [];
        await Program.RunOkAsync(["peer", "add", "web1", sender, "--state", ReceiverState, .. allow]);
        await Program.RunOkAsync("peer", "add", "127.0.0.1", receiver, "--state", SenderState);
    }

    /// <summary>Changes what the sender may do at the receiver, as a person there does.</summary>
    public Task<ProgramResult> AllowAsync(string grant) => PeerAsync("allow", "web1", grant);

    /// <summary>A verb of <c>peer</c> at the receiver, with success.</summary>
    public Task<ProgramResult> PeerAsync(params string[] words) =>
        Program.RunOkAsync(["peer", .. words, "--state", ReceiverState]);

    public async Task ServeAsync(params string[] options)
    {
        _receiver = await ReceiverProgram.ServeAsync([
            "--listen",
            string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"),
            "--target",
            $"db01={Target},init",
            "--state",
            ReceiverState,
            .. options,
        ]);
        Port = await _receiver.PortAsync();
    }

    /// <summary>What a person would type.</summary>
    public string[] Line(string verb, params string[] options) =>
        [verb, Source, UrlAt(Port), "--json", "--state", SenderState, .. options];

    /// <summary>Changes all of the source, and starts a sender that stands still before it says the word that ends the update.</summary>
    /// <param name="line">How it is called; null for <see cref="Line"/>.</param>
    public async Task<RunningProgram> StopHalfWayAsync(string[]? line = null)
    {
        new RandomContent(3).WriteTo(Source, 0, ImageBytes);
        var sender = await Program.StartStoppedAsync(line ?? Line("sync"));
        // What it proposes is noted just before that.
        await using var tracer = await CallTracer.InjectAsync(
            sender.Id,
            [SenderState],
            ["rename"],
            at: 1,
            "hold"
        );
        sender.Signal("CONT");
        await tracer.Reached;
        sender.Signal("STOP");
        return sender;
    }

    /// <summary>Replicates, with success.</summary>
    public async Task<RunSummary> SyncAsync(params string[] options) =>
        new(RunEvents.Of(await Program.RunOkAsync(Line("sync", options)), "summary").Single());

    /// <summary>Runs a sender that must be refused; gives the error as text.</summary>
    public static async Task<string> FailAsync(string id, int exitCode, params string[] line)
    {
        var said = await Program.RunAsync(line);
        Assert.True(said.ExitCode == exitCode, said.ToString());
        var error = RunEvents.Of(said, "error")[^1];
        Assert.Equal(id, error.GetProperty("id").GetString());
        return error.ToString();
    }

    /// <summary>What stands for the content of the target; not by the runtime, which would ask for a lock that the receiver has.</summary>
    public string TargetHash() => HashOf(Target);

    /// <summary>What stands for the content of the source.</summary>
    public string SourceHash() => HashOf(Source);

    /// <summary>Fails unless the target has never been written.</summary>
    public void AssertUntouched() => Assert.False(IsTouched());

    /// <summary>True if the target is not empty any more.</summary>
    public bool IsTouched()
    {
        var length = ImageBytes.ToString(CultureInfo.InvariantCulture);
        return Command.Try("cmp", "--silent", "--bytes", length, Target, "/dev/zero").ExitCode != 0;
    }

    private static string HashOf(string path) => Command.Run("sha256sum", path).Split(' ')[0];

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }

        _directory.Dispose();
    }
}
