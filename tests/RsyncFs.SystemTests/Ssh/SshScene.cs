using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Keys;

namespace RsyncFs.SystemTests.Ssh;

/// <summary>A real sshd on loopback, with keys and files of its own, beside a sender and a receiver of one machine.</summary>
internal sealed class SshScene : IAsyncDisposable
{
    private const string Daemon = "/usr/sbin/sshd";

    // The separated, unprivileged part of sshd lives there; where sshd is no service nobody has made it.
    private const string EmptyDirectory = "/run/sshd";

    private readonly TemporaryDirectory _directory = new();
    private readonly int _port = FreePort();
    private readonly RunningProgram _daemon;

    private SshScene()
    {
        Root.Require();
        Directory.CreateDirectory(EmptyDirectory);
        foreach (var key in new[] { "host", "user" })
        {
            Command.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _directory.At(key));
        }

        Authorize(command: null);
        File.WriteAllText(
            _directory.At("sshd_config"),
            $"""
            ListenAddress 127.0.0.1:{_port}
            HostKey {_directory.At("host")}
            AuthorizedKeysFile {_directory.At("authorized_keys")}
            PermitRootLogin yes
            StrictModes no
            PidFile none
            """
        );
        var known = File.ReadAllText(_directory.At("host.pub"));
        File.WriteAllText(_directory.At("known_hosts"), $"[127.0.0.1]:{_port} {known}");
        File.WriteAllText(
            ClientConfig,
            $"""
            IdentityFile {_directory.At("user")}
            IdentitiesOnly yes
            UserKnownHostsFile {_directory.At("known_hosts")}
            BatchMode yes
            """
        );
        _daemon = new RunningProgram(Daemon, ["-D", "-e", "-f", _directory.At("sshd_config")]);
    }

    /// <summary>The images, the state directories, and a receiver that may run.</summary>
    public KeyScene Pair { get; } = new();

    /// <summary>Held by whoever has the target.</summary>
    public string TargetLock => Path.Combine(Pair.ReceiverState, "targets", "db01", "lock");

    /// <summary>The process that listens; those of sessions are below it.</summary>
    public int DaemonId => _daemon.Id;

    private string ClientConfig => _directory.At("ssh_config");

    public static async Task<SshScene> StartAsync()
    {
        var scene = new SshScene();
        await scene._daemon.WaitForErrorLineAsync("Server listening on");
        return scene;
    }

    /// <summary>What the key of the sender may run there; null for what it likes.</summary>
    public void Authorize(string? command)
    {
        var options = command is null ? "" : $"command=\"{command}\",restrict ";
        File.WriteAllText(
            _directory.At("authorized_keys"),
            options + File.ReadAllText(_directory.At("user.pub"))
        );
    }

    /// <summary>The command of a key whose owner is known as web1.</summary>
    public string Forced(params string[] options) =>
        string.Join(
            ' ',
            [
                RsyncFsProgram.Path,
                "serve",
                "--stdio",
                "--peer",
                "web1",
                "--state",
                Pair.ReceiverState,
                .. options,
            ]
        );

    /// <summary>As that, with the target in its own process.</summary>
    public string ForcedWithTarget => Forced("--target", $"db01={Pair.Target},init");

    public Task KnowAsync(string name, string rights) =>
        KeyScene.Program.RunOkAsync(
            "peer",
            "add",
            name,
            "ssh",
            "--allow",
            $"db01={rights}",
            "--state",
            Pair.ReceiverState
        );

    /// <summary>What a person would type.</summary>
    public string[] Line(string verb, params string[] options) =>
        [
            verb,
            Pair.Source,
            string.Create(CultureInfo.InvariantCulture, $"rsyncfs+ssh://root@127.0.0.1:{_port}/db01"),
            "--json",
            "--state",
            Pair.SenderState,
            "--ssh-command",
            $"ssh -F {ClientConfig}",
            .. options,
        ];

    /// <summary>
    /// Logs in without rsyncfs, hangs up, and gives all that comes from there; a '.' is a byte that can not be
    /// printed: frames come too, and a report of tests takes no control characters.
    /// </summary>
    public string LogIn() =>
        Command
            .Try(
                "sh",
                "-c",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"ssh -F {ClientConfig} -p {_port} root@127.0.0.1 </dev/null 2>&1 | tr -c '\\n[:print:]' ."
                )
            )
            .Output;

    public async Task<RunSummary> SyncAsync(params string[] options) =>
        new(RunEvents.Of(await KeyScene.Program.RunOkAsync(Line("sync", options)), "summary").Single());

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await Pair.DisposeAsync();
        _directory.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
