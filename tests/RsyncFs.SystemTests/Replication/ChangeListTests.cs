using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary><c>--changes</c>: what changed is told by somebody else, and only that is read.</summary>
public sealed class ChangeListTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = 128L * MiB;

    private readonly TemporaryDirectory _directory = new();
    private readonly LoopDevice _source = new(Size);
    private readonly LoopDevice _target = new(Size);

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task OnlyWhatTheListNamesIsRead()
    {
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, _target.Path);
        await scene.ServeAsync();
        await scene.SyncAsync();
        // The first copy leaves no map that is believed: this one makes it.
        var before = await scene.SyncAsync();

        new RandomContent(2).WriteTo(_source.Path, 70 * MiB, MiB);
        var summary = await scene.SyncAsync("--changes", List(before.Text("gen"), 70 * MiB, MiB));
        output.WriteLine(summary.ToString());
        Assert.Equal("tracked", summary.Plan);
        Assert.InRange(summary.SourceRead, MiB, 8 * MiB);
        Assert.InRange(summary.TargetRead, MiB, 12 * MiB);
        Verdict.Same(_source.Path, _target.Path);

        // The same list again is of a generation that the target is not at any more.
        var after = await scene.SyncAsync("--changes", List(before.Text("gen"), 70 * MiB, MiB));
        Assert.Equal("digest", after.Plan);
        Assert.Contains(before.Text("gen"), after.Text("plan_reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AListThatForgetsIsFoundOutAndTheNextRunComparesAll()
    {
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, _target.Path);
        await scene.ServeAsync();
        await scene.SyncAsync();
        var before = await scene.SyncAsync();

        // Half of the device, so that of 64 samples one is sure to meet it.
        new RandomContent(2).WriteTo(_source.Path, 0, Size / 2);
        var said = await scene.TrySyncAsync("--changes", List(before.Text("gen"), 0, MiB));
        output.WriteLine(said.ToString());
        Assert.Equal(7, said.ExitCode);
        Assert.Contains("[changes-incomplete]", said.Error, StringComparison.Ordinal);

        Assert.Equal("compare", (await scene.SyncAsync()).Plan);
        Verdict.Same(_source.Path, _target.Path);
    }

    [Fact]
    public async Task AListThatIsNoneIsRefusedBeforeAnythingIsDone()
    {
        await using var scene = new ReplicationScene(_source.Path, _target.Path);
        await scene.ServeAsync();
        var said = await scene.TrySyncAsync("--changes", List("here", 0, 1));
        Assert.True(said.ExitCode == 2, said.ToString());
        said = await scene.TrySyncAsync("--changes", _directory.At("missing"));
        Assert.True(said.ExitCode == 2, said.ToString());
        Assert.False(Directory.Exists(scene.SenderState));
    }

    private string List(string generation, long offset, long length)
    {
        var path = _directory.At("changes");
        File.WriteAllText(path, $"generation {generation}\n{offset} {length} # one extent\n");
        return path;
    }
}
