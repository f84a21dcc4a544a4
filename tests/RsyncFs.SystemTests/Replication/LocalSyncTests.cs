using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>Both ends in one process: devices and images of one machine.</summary>
public sealed class LocalSyncTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = (12L * MiB) + 3584;

    private static readonly RsyncFsProgram Program = new();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task ADeviceIsCopiedToADevice()
    {
        using var source = new LoopDevice(Size);
        using var target = new LoopDevice(Size);
        await CopyChangeAndCopyAsync(source.Path, target.Path);
    }

    [Fact]
    public async Task ADeviceIsCopiedToAnImageThatIsMadeIfAsked()
    {
        using var source = new LoopDevice(Size);
        var target = _directory.At("target.img");
        var refused = await Program.RunAsync("sync", source.Path, target, "--state", _directory.At("state"));
        Assert.True(refused.ExitCode == 8, refused.ToString());
        Assert.Contains("[target-missing]", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--create", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(target));

        await CopyChangeAndCopyAsync(source.Path, target, "--create");
    }

    [Fact]
    public async Task AnImageIsCopiedToADevice()
    {
        var source = Images.Make(_directory, "source.img", Size);
        using var target = new LoopDevice(Size);
        new RandomContent(9).WriteTo(target.Path, 0, 8 * MiB);
        await CopyChangeAndCopyAsync(source, target.Path);
    }

    [Fact]
    public async Task HolesOfAnImageAreNotReadAndStayHoles()
    {
        const long Large = 256L * MiB;
        var source = Images.Make(_directory, "source.img", Large);
        var target = _directory.At("target.img");
        new RandomContent(3).WriteTo(source, 100 * MiB, 2 * MiB);
        new RandomContent(4).WriteTo(source, Large - MiB, MiB);

        var first = await SyncAsync(source, target, "--create");
        Verdict.Same(source, target);
        Assert.InRange(first.SourceRead, 3 * MiB, 16 * MiB);
        Assert.InRange(AllocatedBytes(target), 3 * MiB, 5 * MiB);

        Command.Run("fallocate", "--punch-hole", "--offset", "100MiB", "--length", "1MiB", source);
        var second = await SyncAsync(source, target);
        Verdict.Same(source, target);
        Assert.Equal(MiB, second.Zeroed);
        Assert.InRange(AllocatedBytes(target), 2 * MiB, 4 * MiB);
    }

    private async Task CopyChangeAndCopyAsync(string source, string target, params string[] options)
    {
        new RandomContent(5).WriteTo(source, 0, 6 * MiB);
        await SyncAsync(source, target, options);
        Verdict.Same(source, target);
        Assert.True((await SyncAsync(source, target)).IsUnchanged);

        new RandomContent(6).WriteTo(source, 2 * MiB, 64 * 1024);
        new RandomContent(6).WriteTo(source, Size - 3584, 3584);
        var changed = await SyncAsync(source, target);
        Verdict.Same(source, target);
        Assert.Equal((64 * 1024) + 3584, changed.Changed);
    }

    private async Task<RunSummary> SyncAsync(string source, string target, params string[] options)
    {
        var result = await Program.RunOkAsync([
            "sync",
            source,
            target,
            "--json",
            "--state",
            _directory.At("state"),
            .. options,
        ]);
        var summary = new RunSummary(RunEvents.Of(result, "summary").Single());
        output.WriteLine(summary.ToString());
        return summary;
    }

    private static long AllocatedBytes(string path) =>
        long.Parse(
            Command.Run("stat", "--format=%b", path),
            System.Globalization.NumberStyles.AllowTrailingWhite,
            provider: null
        ) * 512;
}
