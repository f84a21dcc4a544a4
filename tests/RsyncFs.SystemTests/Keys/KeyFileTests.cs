using System.Text;
using RsyncFs.Access;
using RsyncFs.Errors;
using RsyncFs.Linux.Keys;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>A key that others could read, and a list that others could write, are not used.</summary>
public sealed class KeyFileTests(ITestOutputHelper output) : IDisposable
{
    private const string KeyFileName = "node.key";

    private readonly TemporaryDirectory _directory = new();
    private readonly RsyncFsProgram _program = new();

    private string State => _directory.At("state");

    private string Key => Path.Combine(State, KeyFileName);

    private string Peers => Path.Combine(State, "peers");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task AKeyIsMadeForItsOwnerOnceAndShown()
    {
        var made = await RunAsync(0, "key", "gen");
        Assert.Matches("^rfk1:[A-Za-z0-9+/]{43}=\n$", made.Output);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));
        Assert.Equal(made.Output, (await RunAsync(0, "key", "show")).Output);
        var bytes = File.ReadAllBytes(Key);
        Assert.Contains(
            "there is a key already",
            (await RunAsync(3, "key", "gen")).Error,
            StringComparison.Ordinal
        );
        Assert.Equal(bytes, File.ReadAllBytes(Key));
        Assert.DoesNotContain("PRIVATE", made.Output + made.Error, StringComparison.Ordinal);
    }

    /// <summary>A link that leads nowhere is something, too: the key must not be written where it leads, nor in its place.</summary>
    [Theory]
    [InlineData("ln -s elsewhere KEY")]
    [InlineData("mkdir KEY")]
    [InlineData("mkfifo KEY")]
    [InlineData(": > KEY")]
    public async Task AKeyIsNeverMadeWhereSomethingIs(string how)
    {
        Spoil($"mkdir -m 0700 STATE; {how}; ls -li STATE > STATE.before");
        var result = await RunAsync(3, "key", "gen");
        Assert.Contains("there is a key already", result.Error, StringComparison.Ordinal);
        Spoil("ls -li STATE | diff - STATE.before");
    }

    /// <summary>What was looked at is what is opened: a link among the directories is followed once.</summary>
    [Fact]
    public async Task WhatIsOpenedIsWhatWasLookedAt()
    {
        Root.Require();
        await RunAsync(0, "key", "gen");
        Spoil("ln -s STATE STATE.link");
        var link = $"{State}.link";
        await using var shows = await _program.StartStoppedAsync("key", "show", "--state", link);
        await using var tracer = await CallTracer.WatchAsync(
            shows.Id,
            [Key, Path.Combine(link, KeyFileName)]
        );
        shows.Signal("CONT");
        Assert.Equal(0, (await shows.WaitAsync()).ExitCode);
        await tracer.DisposeAsync();
        Assert.Equal(
            [Key],
            tracer.Calls.Where(call => call.Name is "openat").Select(call => call.Path).Distinct()
        );
    }

    [Fact]
    public async Task WithoutAKeyItSaysHowToMakeOne()
    {
        Assert.Contains(
            "rsyncfs key gen",
            (await RunAsync(3, "key", "show")).Error,
            StringComparison.Ordinal
        );
        var sync = await RunAsync(3, "sync", MakeImage(), "rsyncfs://127.0.0.1:9/db01");
        Assert.Contains("rsyncfs key gen", sync.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chmod 0640 KEY", "chmod 0600")]
    [InlineData("chmod 0604 KEY", "chmod 0600")]
    [InlineData("chown 65534 KEY", "belongs to user 65534")]
    [InlineData("mv KEY KEY.real; ln -s KEY.real KEY", "symbolic link")]
    [InlineData("rm KEY; mkfifo -m 0600 KEY", "it is a pipe")]
    [InlineData("rm KEY; mkdir -m 0700 KEY", "a plain file belongs there")]
    [InlineData("chmod 0777 STATE/..", "chmod go-w")]
    [InlineData("chown 65534 STATE/..", "belongs to user 65534")]
    [InlineData("echo > KEY", "is not what 'rsyncfs key gen' writes")]
    [InlineData("sed -i 's/BEGIN PRIVATE/BEGIN PUBLIC/' KEY", "is not what 'rsyncfs key gen' writes")]
    public async Task AKeyThatOthersCouldReadOrReplaceIsNotUsed(string how, string said)
    {
        Root.Require();
        await RunAsync(0, "key", "gen");
        Spoil(how);
        var result = await RunAsync(3, "key", "show");
        Assert.Contains("[key-file]", result.Error, StringComparison.Ordinal);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        var serve = await RunAsync(3, "serve", "--listen", "127.0.0.1:0", "--target", $"db01={MakeImage()}");
        Assert.Contains("[key-file]", serve.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyInAStateDirectoryThatOthersCanWriteIsNotUsedNorIsTheState()
    {
        Root.Require();
        await RunAsync(0, "key", "gen");
        Spoil("chmod 0770 STATE");
        var show = await RunAsync(3, "key", "show");
        Assert.Contains("[key-file]", show.Error, StringComparison.Ordinal);
        Assert.Contains("chmod go-w", show.Error, StringComparison.Ordinal);
        await RunAsync(6, "serve", "--listen", "127.0.0.1:0", "--target", $"db01={MakeImage()}");
    }

    [Theory]
    [InlineData("chmod 0666 PEERS", "chmod 0644")]
    [InlineData("chown 65534 PEERS", "belongs to user 65534")]
    [InlineData("mv PEERS PEERS.real; ln -s PEERS.real PEERS", "symbolic link")]
    [InlineData("echo nonsense >> PEERS", "line 3")]
    public async Task AListThatOthersCouldChangeIsNotUsed(string how, string said)
    {
        Root.Require();
        var key = (await RunAsync(0, "key", "gen")).Output.Trim();
        await RunAsync(0, "peer", "add", "web1", key);
        Spoil(how);
        var result = await RunAsync(3, "peer", "list");
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        await RunAsync(3, "serve", "--listen", "127.0.0.1:0", "--target", $"db01={MakeImage()}");
        // It does not write over what it can not read.
        var before = File.ReadAllBytes(Peers);
        await RunAsync(3, "peer", "remove", "web1");
        Assert.Equal(before, File.ReadAllBytes(Peers));
    }

    [Fact]
    public async Task PeersAreAddedAllowedListedAndRemoved()
    {
        var key = (await RunAsync(0, "key", "gen")).Output.Trim();
        await RunAsync(
            0,
            "peer",
            "add",
            "web1",
            key,
            "--allow",
            "db01=write,verify",
            "--allow",
            "db02=verify"
        );
        await RunAsync(0, "peer", "allow", "web1", "db02=none", "db03=init");
        var list = await RunAsync(0, "peer", "list");
        Assert.Equal($"web1  {key}  db01=write,verify db03=init\n", list.Output);
        Assert.Contains(
            "already",
            (await RunAsync(2, "peer", "add", "web2", key)).Error,
            StringComparison.Ordinal
        );
        await RunAsync(2, "peer", "allow", "web3", "db01=write");
        await RunAsync(2, "peer", "allow", "web1", "db01=all");
        await RunAsync(2, "peer", "add", "web2", "rfk1:nonsense");
        await RunAsync(2, "peer", "add", "web 2", key);
        Assert.Equal(list.Output, (await RunAsync(0, "peer", "list")).Output);
        await RunAsync(0, "peer", "remove", "web1");
        Assert.Equal("", (await RunAsync(0, "peer", "list")).Output);
    }

    /// <summary>Whoever has a key may come through ssh as well.</summary>
    [Fact]
    public async Task AKeyIsNotTakenAwayBySsh()
    {
        var key = (await RunAsync(0, "key", "gen")).Output.Trim();
        await RunAsync(0, "peer", "add", "web1", key, "--allow", "db01=write");
        var refused = await RunAsync(2, "peer", "add", "web1", "ssh", "--allow", "db01=verify");
        Assert.Contains("web1 has a key", refused.Error, StringComparison.Ordinal);
        Assert.Equal($"web1  {key}  db01=write\n", (await RunAsync(0, "peer", "list")).Output);
        await RunAsync(0, "peer", "add", "web2", "ssh", "--allow", "db01=verify");
        await RunAsync(0, "peer", "add", "web2", "ssh");
        Assert.Contains(
            "web2  ssh  db01=verify\n",
            (await RunAsync(0, "peer", "list")).Output,
            StringComparison.Ordinal
        );
    }

    /// <summary>Each reads the list, changes it and writes it: none may write over what it has not read.</summary>
    [Fact]
    public async Task TwoChangesAtOnceAreBothThere()
    {
        using var isSecondAtIt = new ManualResetEventSlim();
        var second = Task.CompletedTask;
        new PeerFile(Peers).Change(peers =>
        {
            second = Task.Run(
                () =>
                    new PeerFile(Peers).Change(others =>
                    {
                        isSecondAtIt.Set();
                        return others.With(NewPeer("web2"));
                    }),
                TestContext.Current.CancellationToken
            );
            Assert.False(isSecondAtIt.Wait(TimeSpan.FromMilliseconds(300)));
            return peers.With(NewPeer("web1"));
        });
        await second;
        Assert.Equal(["web1", "web2"], new PeerFile(Peers).Load().Peers.Select(peer => peer.Name));
    }

    /// <summary>At each connection the list is looked at; read it is when it has changed, or may have within one tick.</summary>
    [Fact]
    public void AListIsReadAgainOnlyIfItMayHaveChanged()
    {
        var later = new PeerFile(Peers, new LaterClock(TimeSpan.FromHours(1)));
        Assert.Empty(later.Load().Peers);
        later.Change(peers => peers.With(NewPeer("web1")));
        var read = later.Load();
        Assert.Equal("web1", Assert.Single(read.Peers).Name);
        Assert.Same(read, later.Load());

        // The same length, and the same name.
        Spoil("sed -i s/web1/web2/ PEERS");
        Assert.Equal("web2", Assert.Single(later.Load().Peers).Name);
        Spoil("chmod 0666 PEERS");
        Assert.Throws<StateException>(() => later.Load());
        Spoil("chmod 0644 PEERS");
        Assert.Single(later.Load().Peers);
        Spoil("rm PEERS");
        Assert.Empty(later.Load().Peers);

        var now = new PeerFile(Peers, new LaterClock(TimeSpan.FromHours(-1)));
        now.Change(peers => peers.With(NewPeer("web1")));
        Assert.NotSame(now.Load(), now.Load());
    }

    private static Peer NewPeer(string name) =>
        new(
            name,
            KeyFingerprint.Of(Encoding.UTF8.GetBytes(name)),
            new Dictionary<string, Rights>(StringComparer.Ordinal)
        );

    private string MakeImage()
    {
        var image = _directory.At("image");
        using var file = File.Create(image);
        file.SetLength(65536);
        return image;
    }

    private void Spoil(string how) =>
        Command.Run(
            "sh",
            "-ec",
            how.Replace("KEY", Key, StringComparison.Ordinal)
                .Replace("PEERS", Peers, StringComparison.Ordinal)
                .Replace("STATE", State, StringComparison.Ordinal)
        );

    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private async Task<ProgramResult> RunAsync(int exitCode, params string[] line)
    {
        var result = await _program.RunAsync([.. line, "--state", State]);
        output.WriteLine(result.ToString());
        Assert.True(result.ExitCode == exitCode, result.ToString());
        return result;
    }
}
