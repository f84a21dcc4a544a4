using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary><c>--used-only</c>: free space is neither read nor sent, and the copy is as good to its filesystem.</summary>
public sealed class UsedOnlyTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = 256L * MiB;

    private readonly LoopDevice _source = new(Size);
    private readonly LoopDevice _target = new(Size);

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    [Fact]
    public async Task WhatIsFreeIsNeitherReadNorSentAndTheFilesAreAllThere()
    {
        // What was there before the filesystem is what a copy of free space would cost.
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        Command.Run("mkfs.ext4", "-q", "-E", "nodiscard", _source.Path);
        using (var mount = new Mount(_source.Path))
        {
            Write(mount, "stays", 20 * MiB);
            Write(mount, "goes", 30 * MiB);
        }

        await using var scene = new ReplicationScene(_source.Path, _target.Path);
        await scene.ServeAsync();
        var first = await scene.SyncAsync("--used-only");
        output.WriteLine(first.ToString());
        Assert.InRange(first.SourceRead, 50 * MiB, 140 * MiB);
        Assert.InRange(first.Number("free"), 100 * MiB, 206 * MiB);
        Assert.InRange(first.Literal, 50 * MiB, 80 * MiB);

        using (var mount = new Mount(_source.Path))
        {
            File.Delete(Path.Combine(mount.Path, "goes"));
        }

        var second = await scene.SyncAsync("--used-only");
        output.WriteLine(second.ToString());
        Assert.InRange(second.Zeroed, 25 * MiB, 31 * MiB);
        Assert.InRange(second.Literal, 1, 2 * MiB);

        var verified = await scene.VerifyAsync("--used-only");
        Assert.True(verified.ExitCode == 0, verified.ToString());
        var whole = await scene.VerifyAsync();
        Assert.True(whole.ExitCode == 10, whole.ToString());
        await scene.StopAsync();

        Command.Run("e2fsck", "-fn", _target.Path);
        using var here = new Mount(_source.Path, "-o", "ro");
        using var there = new Mount(_target.Path, "-o", "ro");
        Command.Run("diff", "--recursive", here.Path, there.Path);
    }

    [Fact]
    public async Task AFilesystemThatWasNotUnmountedIsCopiedWholeAndItIsSaid()
    {
        Command.Run("mkfs.ext4", "-q", _source.Path);
        using var crashed = new LoopDevice(Size);
        using (var mount = new Mount(_source.Path))
        {
            Write(mount, "a", MiB);
            Command.Run("sync");
            // As after a power cut: the journal is to be replayed.
            Command.Run("dd", $"if={_source.Path}", $"of={crashed.Path}", "bs=1M", "status=none");
        }

        await using var scene = new ReplicationScene(crashed.Path, _target.Path);
        await scene.ServeAsync();
        var said = await scene.TrySyncAsync("--used-only");
        output.WriteLine(said.ToString());
        Assert.Equal(0, said.ExitCode);
        Assert.Contains("nothing of", said.Error, StringComparison.Ordinal);
        Verdict.Same(crashed.Path, _target.Path);
    }

    private static void Write(Mount mount, string name, int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        File.WriteAllBytes(Path.Combine(mount.Path, name), bytes);
    }
}
