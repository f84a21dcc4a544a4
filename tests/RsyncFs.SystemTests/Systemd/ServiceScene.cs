using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Keys;

namespace RsyncFs.SystemTests.Systemd;

/// <summary>
/// A receiver as <c>scripts/systemd/rsyncfs-recv.service</c> runs it: a user without a capability, whose group may open
/// the target and nothing else of the machine, with a list of peers that is root's; and a sender that is root.
/// </summary>
internal sealed class ServiceScene : IAsyncDisposable
{
    public const int DeviceBytes = 16 * 1024 * 1024;

    /// <summary>User and group have no name, and nothing but what the scene gives them.</summary>
    public const string User = "70730";

    private const string Group = "70731";

    // As systemd starts a service: nothing of the environment of who asked for it.
    private static readonly string[] Bare =
    [
        "env",
        "-i",
        $"PATH={Environment.GetEnvironmentVariable("PATH")}",
        $"DOTNET_ROOT={Environment.GetEnvironmentVariable("DOTNET_ROOT")}",
    ];

    private static readonly string[] Confined =
    [
        "setpriv",
        "--reuid",
        User,
        "--regid",
        Group,
        "--clear-groups",
        "--no-new-privs",
        "--bounding-set=-all",
        "--inh-caps=-all",
    ];

    private readonly string[] _rightsOfNode;
    private readonly TemporaryDirectory _home = new();
    private readonly TemporaryDirectory _roots = new();
    private readonly TemporaryDirectory _sender = new();
    private RunningProgram? _receiver;

    /// <param name="isAbstract">True for a service manager in the abstract name space.</param>
    public ServiceScene(bool isAbstract = false)
    {
        Root.Require();
        Source = new LoopDevice(DeviceBytes);
        Target = new LoopDevice(DeviceBytes);
        new RandomContent(1).WriteTo(Source.Path, 0, DeviceBytes);
        _rightsOfNode = Command.Run("stat", "--format=%g %a", Target.Path).Trim().Split(' ');
        // As the udev rule does.
        Command.Run("chgrp", Group, Target.Path);
        Command.Run("chmod", "0660", Target.Path);
        Command.Run("chown", $"{User}:{Group}", _home.Path);
        Command.Run("chmod", "0755", _roots.Path);
        Manager = new NotifyListener(isAbstract ? $"@{_roots.Path}" : _roots.At("notify"));
    }

    /// <summary>Runs the program as the receiver's user, with the same rights.</summary>
    public static RsyncFsProgram AsUser { get; } = new([.. Bare, .. Confined]);

    public static RsyncFsProgram AsRoot { get; } = new();

    public LoopDevice Source { get; }

    public LoopDevice Target { get; }

    public NotifyListener Manager { get; }

    public RunningProgram Receiver => _receiver ?? throw new InvalidOperationException("nobody serves");

    public string State => _home.At("state");

    public string Peers => _roots.At("peers");

    public int Port { get; private set; }

    /// <summary>Makes both keys, and each known to the other.</summary>
    public async Task PairAsync()
    {
        var receiver = (await AsUser.RunOkAsync("key", "gen", "--state", State)).Output.Trim();
        var sender = await KeyScene.GenerateAsync(_sender.Path);
        await AsRoot.RunOkAsync(
            "peer",
            "add",
            "web1",
            sender,
            "--allow",
            "db01=write,verify,init",
            "--state",
            _roots.Path
        );
        await AsRoot.RunOkAsync("peer", "add", "127.0.0.1", receiver, "--state", _sender.Path);
    }

    /// <summary>What the service is told, but for where it listens.</summary>
    public string[] ServeLine(params string[] options) =>
        ["serve", "--target", $"db01={Target.Path},init", "--state", State, "--peers", Peers, .. options];

    /// <summary>Starts the receiver as a service that listens by itself, under a watchdog of one second.</summary>
    public async Task ServeAsync()
    {
        string[] variables = [$"NOTIFY_SOCKET={Manager.Address}", "WATCHDOG_USEC=1000000"];
        var service = new RsyncFsProgram([.. Bare, .. variables, .. Confined]);
        _receiver = service.Start(ServeLine("--listen", "127.0.0.1:0"));
        Port = await _receiver.PortAsync();
    }

    /// <summary>Starts the receiver; each system call that is not among these is refused, and noted in <see cref="Refused"/>.</summary>
    public async Task ServeWithAsync(IEnumerable<string> systemCalls)
    {
        // Not every machine has each of them.
        var others = "!" + string.Join(',', systemCalls.Select(call => $"?{call}"));
        var service = new RsyncFsProgram([
            .. Bare,
            .. Confined,
            "strace",
            "-D",
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-o",
            _home.At("refused"),
            "-e",
            $"trace={others}",
            "-e",
            $"inject={others}:error=EPERM",
        ]);
        _receiver = service.Start(ServeLine("--listen", "127.0.0.1:0"));
        Port = await _receiver.PortAsync();
    }

    /// <summary>The names of the system calls that were refused, each once.</summary>
    public IReadOnlyList<string> Refused() =>
        [
            .. File.ReadLines(_home.At("refused"))
                .Where(line => line.EndsWith("(INJECTED)", StringComparison.Ordinal))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].Split('(')[0])
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>Listens as systemd does for a <c>.socket</c> unit; whoever comes first starts the receiver.</summary>
    public async Task ListenAsync(params string[] options)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        var activator = new RsyncFsProgram([
            "systemd-socket-activate",
            string.Create(CultureInfo.InvariantCulture, $"--listen=127.0.0.1:{Port}"),
            $"--setenv=NOTIFY_SOCKET={Manager.Address}",
            .. Confined,
        ]);
        _receiver = activator.Start(ServeLine(options));
        await _receiver.WaitForErrorLineAsync("Listening on");
    }

    /// <summary>What a person would type on the sender's side.</summary>
    public string[] Line(string verb) =>
        [
            verb,
            Source.Path,
            string.Create(CultureInfo.InvariantCulture, $"rsyncfs://127.0.0.1:{Port}/db01"),
            "--json",
            "--state",
            _sender.Path,
        ];

    /// <summary>Replicates, with success, and compares.</summary>
    public async Task<RunSummary> SyncAsync()
    {
        var said = await AsRoot.RunOkAsync(Line("sync"));
        Verdict.Same(Source.Path, Target.Path);
        return new RunSummary(RunEvents.Of(said, "summary").Single());
    }

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }

        await Manager.DisposeAsync();
        // The node outlives the device.
        Command.Run("chgrp", _rightsOfNode[0], Target.Path);
        Command.Run("chmod", _rightsOfNode[1], Target.Path);
        Source.Dispose();
        Target.Dispose();
        _sender.Dispose();
        _roots.Dispose();
        _home.Dispose();
    }
}
