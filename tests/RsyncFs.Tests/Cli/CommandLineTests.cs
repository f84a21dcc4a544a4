using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Output;
using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class CommandLineTests
{
    private readonly OutputOptions _output = new();
    private readonly SyncCommand _sync = new();
    private readonly ServeCommand _serve = new();
    private readonly VerifyCommand _verify = new();
    private readonly DoctorCommand _doctor = new();

    [Fact]
    public void SyncTakesItsDefaultsFromTheDesign()
    {
        var request = Sync("sync /dev/a rsyncfs+tcp://backup1/db01 --state /s");
        Assert.Equal("/dev/a", request.SourcePath);
        Assert.Equal(new TcpDestination("backup1", 8730, "db01", IsEncrypted: false), request.Destination);
        Assert.Equal("/s", request.StateDirectory);
        Assert.False(request.AllowPlaintext || request.Force || request.Create);
        Assert.Equal(new ReplicationOptions { TargetName = "db01" }, request.Options);
    }

    [Fact]
    public void SyncReadsEveryOption()
    {
        var request = Sync(
            "sync --plan full --block-size=128KiB --hash sha256 --match aligned --compress none --snapshot none"
                + " --force --create --allow-plaintext -n --state rel /dev/a ./b.img"
        );
        Assert.True(
            request
                is {
                    AllowPlaintext: true,
                    Snapshot.Mode: SnapshotMode.None,
                    Force: true,
                    Create: true,
                    IsDryRun: true
                }
        );
        Assert.Equal(Path.GetFullPath("rel"), request.StateDirectory);
        Assert.Equal(
            new ReplicationOptions
            {
                TargetName = "local",
                Purpose = Purpose.Estimate,
                Plan = Plan.Full,
                BlockSizeBytes = 131072,
                Hash = HashAlgorithmId.Sha256,
                Match = MatchMode.Aligned,
                Compression = Compression.None,
            },
            request.Options
        );
    }

    [Theory]
    [InlineData("sync --dryrun /dev/a /dev/b", "unknown option '--dryrun'", "did you mean '--dry-run'?")]
    [InlineData(
        "sync /dev/a /dev/b --blocksize=4KiB",
        "unknown option '--blocksize'",
        "did you mean '--block-size'?"
    )]
    [InlineData("sync /dev/a /dev/b -x", "unknown option '-x'", "rsyncfs sync --help")]
    [InlineData("sync -nz /dev/a /dev/b", "unknown option '-nz'", "")]
    [InlineData("sync --state --jsn /dev/a /dev/b", "unknown option '--jsn'", "did you mean '--json'?")]
    [InlineData("sync --json=no /dev/a", "--json takes no value", "")]
    [InlineData("sync -n:x /dev/a", "-n takes no value", "")]
    [InlineData("--dry-run sync /dev/a /dev/b", "--dry-run stands before the command", "")]
    [InlineData("verify --force /dev/a /dev/b", "unknown option '--force'", "")]
    [InlineData("sync", "sync needs SOURCE and DEST", "as in: rsyncfs sync ")]
    [InlineData("sync /dev/a", "sync needs SOURCE and DEST", "as in: rsyncfs sync ")]
    [InlineData("sync /dev/a /dev/b /dev/c", "'/dev/c' is one argument too many", "")]
    [InlineData("sync /dev/a /dev/b --state", "required argument missing for option: '--state'", "")]
    [InlineData(
        "sync /dev/a /dev/b --plan full --plan full",
        "option '--plan' expects a single argument",
        ""
    )]
    [InlineData("snyc /dev/a /dev/b", "unknown command 'snyc'", "did you mean 'sync'?")]
    [InlineData("", "no command", "one of: sync serve verify target doctor version")]
    [InlineData("version now", "'now' is one argument too many", "")]
    [InlineData(
        "target",
        "target needs a command",
        "one of: list show adopt promote demote reverse release resize rename   rsyncfs target --help"
    )]
    [InlineData("target lst", "unknown command 'target lst'", "did you mean 'list'?   rsyncfs target --help")]
    [InlineData("target lst --state /s", "unknown command 'target lst'", "did you mean 'list'?")]
    [InlineData("target --state /s", "--state stands before the command it belongs to", "")]
    [InlineData("target --bogus list", "unknown option '--bogus'", "")]
    [InlineData("--bogus", "unknown option '--bogus'", "")]
    [InlineData("target promote", "target promote needs NAME", "as in: rsyncfs target promote db01")]
    [InlineData("target promote a b", "'b' is one argument too many", "rsyncfs target promote --help")]
    [InlineData("target promote --forse a", "unknown option '--forse'", "did you mean '--force'?")]
    [InlineData(
        "target rename a",
        "target rename needs OLD and NEW",
        "as in: rsyncfs target rename db01 db02"
    )]
    [InlineData("target --force promote a", "--force stands before the command it belongs to", "")]
    [InlineData("--force target promote a", "--force stands before the command it belongs to", "")]
    [InlineData("target promote a --json=yes", "--json takes no value", "")]
    [InlineData("target list --force", "unknown option '--force'", "rsyncfs target list --help")]
    public void RefusesALineThatIsNotWhollyUnderstood(string line, string message, string hint)
    {
        var error = Refusal.Of(() => Parse(line));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(hint, error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sync /dev/a /dev/b --plan traced", "'traced' is not a value of --plan")]
    [InlineData("sync /dev/a /dev/b --hash md5", "'md5' is not a value of --hash")]
    [InlineData("sync /dev/a /dev/b --match Auto", "'Auto' is not a value of --match")]
    [InlineData("sync /dev/a /dev/b --compress gzip", "'gzip' is not a value of --compression")]
    [InlineData("sync /dev/a /dev/b --compression zstd", "'zstd' has no level")]
    [InlineData("sync /dev/a /dev/b --compression zstd:20", "'zstd:20' has a level that there is not")]
    [InlineData("sync /dev/a /dev/b --snapshot thin", "'thin' is not a value of --snapshot")]
    [InlineData("sync /dev/a /dev/b --block-size 65536", "has no unit")]
    [InlineData("sync /dev/a /dev/b --block-size 3KiB", "'3KiB' is not a block size")]
    [InlineData("sync /dev/a /dev/b --block-size 8MiB", "'8MiB' is not a block size")]
    [InlineData("sync /dev/a /dev/../dev/a", "source and destination are both /dev/a")]
    [InlineData("sync rsyncfs+tcp://h/x /dev/a", "is not on this machine")]
    [InlineData("sync /dev/a rsyncfs+tcp://h/x --force", "--force is for a local DEST")]
    [InlineData("sync /dev/a rsyncfs+tcp://h/x --create", "--create is for a local DEST")]
    [InlineData("sync /dev/a rsyncfs+tcp://h/x --apply direct", "--apply is for a local DEST")]
    [InlineData("sync /dev/a rsyncfs+tcp://h/x --journal-limit 1GiB", "--journal-limit is for a local DEST")]
    [InlineData("sync /dev/a rsyncfs+ssh://h/x --force", "--force is for a local DEST")]
    [InlineData("sync /dev/a rsyncfs+ssh://h/x --pin rfk1:x", "--pin is for rsyncfs://")]
    [InlineData("sync /dev/a rsyncfs+tcp://h/x --pin rfk1:x", "--pin is for rsyncfs://")]
    [InlineData("sync /dev/a rsyncfs://h/x --pin rfk1:x", "--pin rfk1:x is no key")]
    [InlineData("sync /dev/a rsyncfs://h/x --remote-rsyncfs x", "--remote-rsyncfs is for rsyncfs+ssh://")]
    [InlineData("sync /dev/a ./b --ssh-command ssh", "--ssh-command is for rsyncfs+ssh://")]
    [InlineData("sync /dev/a rsyncfs+ssh://h/x --ssh-command=", "required argument missing")]
    [InlineData("sync /dev/a /dev/b --apply snapshot", "'snapshot' is not a value of --apply")]
    [InlineData("sync /dev/a /dev/b --journal-limit 0B", "--journal-limit is nothing")]
    [InlineData("sync /dev/a /dev/b --journal-limit 4096", "has no unit")]
    [InlineData("sync /dev/a /dev/b --keep-free=-1GiB", "'-1GiB' is not a size")]
    [InlineData("sync /dev/a /dev/b --full-compare-every 7", "length of time '7' has no unit")]
    [InlineData("sync /dev/a /dev/b --full-compare-every 0s", "--full-compare-every is nothing")]
    [InlineData("sync /dev/a /dev/b --full-compare-every never", "'never' is not a length of time")]
    [InlineData("sync /dev/a /dev/b --bwlimit 100", "rate '100' has no unit: are bits meant, or bytes?")]
    [InlineData("sync /dev/a /dev/b --bwlimit 40Mb/s", "rate '40Mb/s' has the unknown unit 'Mb/s'")]
    [InlineData("sync /dev/a /dev/b --bwlimit 10KiB/s", "rate '10KiB/s' is below 64KiB/s, the least")]
    [InlineData("sync /dev/a /dev/b --bwlimit=", "required argument missing for option: '--bwlimit'")]
    [InlineData("sync /dev/a /dev/b --state /etc/hostname", "--state /etc/hostname is a file")]
    [InlineData("sync /dev/a /dev/b --state=", "required argument missing for option: '--state'")]
    public void RefusesValuesThatSyncCanNotUse(string line, string message) =>
        Assert.Contains(message, Refusal.Of(() => Sync(line)).Message, StringComparison.Ordinal);

    [Fact]
    public void SyncReadsHowSshIsCalled()
    {
        var ssh = Sync("sync /dev/a rsyncfs+ssh://h/x").Ssh;
        Assert.Equal(["ssh"], ssh.Program);
        Assert.Equal("rsyncfs", ssh.RemoteProgram);
        var request = _sync.Bind(
            Parse([
                "sync",
                "/dev/a",
                "rsyncfs+ssh://h/x",
                "--ssh-command",
                " ssh  -F x ",
                "--remote-rsyncfs",
                "sudo y",
            ])
        );
        Assert.Equal(["ssh", "-F", "x"], request.Ssh.Program);
        Assert.Equal("sudo y", request.Ssh.RemoteProgram);
    }

    [Fact]
    public void SyncReadsHowUpdatesReachALocalTargetAndWhenShortcutsEnd()
    {
        var request = Sync("sync /dev/a /dev/b --state /s");
        Assert.Equal(new JournalPolicy(ApplyMode.Journal, 16L << 30, 1L << 30), request.Journal);
        Assert.Equal(TimeSpan.FromDays(7), request.Options.FullCompareEvery);

        request = Sync("sync /dev/a /dev/b --apply direct --journal-limit 2GiB --full-compare-every 36h");
        Assert.Equal(new JournalPolicy(ApplyMode.Direct, 2L << 30, 1L << 30), request.Journal);
        Assert.Equal(TimeSpan.FromHours(36), request.Options.FullCompareEvery);

        Assert.Null(Sync("sync /dev/a rsyncfs+tcp://h/x --full-compare-every off").Options.FullCompareEvery);
    }

    [Fact]
    public void SyncReadsHowFastItMaySend()
    {
        var noon = new DateTime(2026, 1, 5, 12, 0, 0, DateTimeKind.Local);
        Assert.Equal(Rate.Unlimited, Sync("sync /dev/a /dev/b").Rate.At(noon));
        Assert.Equal(Rate.Unlimited, Sync("sync /dev/a /dev/b --bwlimit off").Rate.At(noon));
        Assert.Equal(new Rate(5_000_000), Sync("sync /dev/a /dev/b --bwlimit 40Mbit/s").Rate.At(noon));
        Assert.Equal(new Rate(524_288), Sync("sync /dev/a rsyncfs://h/x --bwlimit=512KiB/s").Rate.At(noon));
    }

    [Fact]
    public void ARunReadsWhatItMayTake()
    {
        Assert.Null(Budget("sync /dev/a /dev/b"));
        var both = Budget("sync /dev/a /dev/b --max-time 6h --max-transfer 10GiB")!;
        Assert.Equal((TimeSpan.FromHours(6), 10L << 30), (both.Time, both.SendBytes));
        Assert.Null(Budget("sync /dev/a /dev/b --max-time 500ms")!.SendBytes);
        Assert.Null(Budget("sync /dev/a /dev/b --max-transfer 1MiB")!.Time);
    }

    [Theory]
    [InlineData("sync /dev/a /dev/b --max-time 6", "length of time '6' has no unit")]
    [InlineData("sync /dev/a /dev/b --max-time 0s", "--max-time is nothing")]
    [InlineData("sync /dev/a /dev/b --max-time off", "'off' is not a length of time")]
    [InlineData("sync /dev/a /dev/b --max-transfer 10", "size '10' has no unit")]
    [InlineData("sync /dev/a /dev/b --max-transfer 1023KiB", "--max-transfer 1023KiB is too little")]
    [InlineData("sync /dev/a /dev/b --max-transfer 10MiB/s", "unknown unit 'MiB/s'")]
    public void RefusesWhatNoRunCanKeepTo(string line, string message) =>
        Assert.Contains(message, Refusal.Of(() => Budget(line)).Message, StringComparison.Ordinal);

    [Fact]
    public void ServeReadsItsSocketAndHowUpdatesReachItsTargets()
    {
        var request = _serve.Bind(
            Parse("serve --target a=/dev/a --state /s --apply direct --journal-limit 512MiB")
        );
        Assert.Equal("/s/control.sock", request.SocketPath);
        Assert.Equal(new JournalPolicy(ApplyMode.Direct, 512L << 20, 1L << 30), request.Journal);
        Assert.Equal(
            "/run/x.sock",
            _serve.Bind(Parse("serve --target a=/dev/a --state /s --socket /run/x.sock")).SocketPath
        );
        var byDefault = _serve.Bind(Parse("serve --target a=/dev/a"));
        Assert.Equal(
            Environment.IsPrivilegedProcess
                ? "/run/rsyncfs/control.sock"
                : $"{byDefault.StateDirectory}/control.sock",
            byDefault.SocketPath
        );
    }

    [Fact]
    public void BehindADoubleDashEverythingIsAnArgument()
    {
        var request = Sync("sync --state /s -- -a --json");
        Assert.Equal("-a", request.SourcePath);
        Assert.Equal(new LocalDestination("--json"), request.Destination);
        Assert.False(_output.Bind(Parse("sync --state /s -- -a --json")).Json);
    }

    [Fact]
    public void AWordWithAnAtSignIsNoResponseFile() =>
        Assert.Equal("@/etc/hostname", Sync("sync @/etc/hostname /dev/b --state /s").SourcePath);

    [Fact]
    public void OutputOptionsStandBeforeOrBehindTheCommand()
    {
        var expected = new OutputSettings(Json: true, ProgressStyle.Bar, Quiet: true, Verbosity: 3);
        Assert.Equal(expected, _output.Bind(Parse("--json -q -vv --progress bar sync /dev/a /dev/b -v")));
        Assert.Equal(expected, _output.Bind(Parse("sync --progress=bar -qvvv /dev/a /dev/b --json")));
        Assert.Contains(
            "'brr' is not a value of --progress",
            Refusal.Of(() => _output.Bind(Parse("sync /dev/a /dev/b --progress brr"))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ServeReadsItsTargetsInOrder()
    {
        var request = _serve.Bind(
            Parse("serve --target a=/dev/a,init --target b=/dev/b --listen [::1]:0 --state /s")
        );
        Assert.Equal(new ListenAddress("::1", 0), request.Listen);
        Assert.Equal(
            [
                new TargetDefinition("a", "/dev/a", InitPermission.Allow),
                new TargetDefinition("b", "/dev/b", InitPermission.Refuse),
            ],
            request.Targets
        );
        Assert.Equal(
            "127.0.0.1:8730",
            _serve.Bind(Parse("serve --target a=/dev/a --state /s")).Listen.ToString()
        );
    }

    [Theory]
    [InlineData("serve --state /s", "serve needs a target")]
    [InlineData("serve --target a=/dev/a --target a=/dev/b", "the target a is there twice")]
    [InlineData("serve --target a=/dev/a --target b=/dev//a,init", "the device /dev/a is there twice")]
    [InlineData("serve --target a=/dev/a --target g=/dev/b,/dev/a", "the device /dev/a is there twice")]
    [InlineData("serve --target a=/dev/a b=/dev/b", "'b=/dev/b' is one argument too many")]
    [InlineData("serve --stdio --state /s", "--stdio needs --peer")]
    [InlineData("serve --stdio --peer a;b --state /s", "'a;b' is not a peer's name")]
    [InlineData("serve --peer web1 --target a=/dev/a", "--peer is for serve --stdio")]
    [InlineData("serve --stdio --peer web1 --listen :1", "--stdio serves no network")]
    [InlineData("serve --stdio --peer web1 --allow-plaintext", "--stdio serves no network")]
    public void RefusesWhatServeCanNotDo(string line, string message) =>
        Assert.Contains(
            message,
            Refusal.Of(() => _serve.Bind(Parse(line))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void VerifyAsksForAComparison()
    {
        var request = _verify.Bind(Parse("verify /dev/a rsyncfs+tcp://h/x --allow-plaintext --state /s"));
        Assert.True(request.AllowPlaintext);
        Assert.Equal(new ReplicationOptions { TargetName = "x", Purpose = Purpose.Verify }, request.Options);
    }

    [Fact]
    public void DoctorMendsOnlyIfItIsAsked()
    {
        var (errand, isFixing) = _doctor.Bind(Parse("doctor --state /s"));
        Assert.Equal(("/s", "/s/control.sock", false), (errand.StateDirectory, errand.SocketPath, isFixing));
        Assert.True(_doctor.Bind(Parse("doctor --fix")).IsFixing);
        Assert.Equal(
            "remove them: rsyncfs doctor --fix --state /s",
            errand.Given.Complete("remove them: rsyncfs doctor --fix")
        );
    }

    [Theory]
    [InlineData("sync --help --bogus")]
    [InlineData("--version")]
    [InlineData("sync -h")]
    public void HelpAndVersionAnswerWhateverElseIsThere(string line) => Assert.NotNull(Parse(line));

    private RunBudget? Budget(string line) => _sync.BindBudget(Parse(line), TimeProvider.System);

    private SyncRequest Sync(string line) => _sync.Bind(Parse(line));

    private System.CommandLine.ParseResult Parse(string line) =>
        Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private System.CommandLine.ParseResult Parse(string[] args)
    {
        var terminal = new FakeTerminal().Terminal;
        var root = CommandLine.Build(
            _output,
            _sync.Build(_output, terminal),
            _serve.Build(_output, terminal),
            _verify.Build(_output, terminal),
            TargetCommand.Build(_output, terminal),
            _doctor.Build(_output, terminal),
            VersionCommand.Build(_output, terminal)
        );
        return CommandLine.Parse(root, args);
    }
}
