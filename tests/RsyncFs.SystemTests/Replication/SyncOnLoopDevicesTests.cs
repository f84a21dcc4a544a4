using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>The main job: a real file system on a real device, replicated over TCP, changed, and replicated again.</summary>
public sealed class SyncOnLoopDevicesTests(ITestOutputHelper output)
{
    private const int Page = 4096;
    private const int MiB = 1024 * 1024;

    /// <summary>What some edits did: the bytes of the pages they touched.</summary>
    private const long EditedBytes = (40 * Page) + MiB + Page;

    [Fact]
    public async Task AFileSystemIsCopiedWholeThenOnlyWhatChanged()
    {
        const long Size = 192L * MiB;
        using var source = LoopDevice.WithExt4(Size);
        using var target = new LoopDevice(Size);
        FillFileSystem(source);
        await using var scene = new ReplicationScene(source.Path, target.Path);
        await scene.ServeAsync();

        var first = Show("first", await scene.SyncAsync());
        scene.AssertSame();
        Assert.Equal("full", first.Plan);
        Assert.True(first.Flag("initial"));
        Assert.Equal(Size, first.SourceRead);

        var unchanged = Show("unchanged", await scene.SyncAsync());
        scene.AssertSame();
        Assert.True(unchanged.IsUnchanged);
        Assert.Equal(0, unchanged.TargetWritten);
        Assert.Equal(first.Text("gen"), unchanged.Text("gen"));
        Assert.InRange(unchanged.Wire, 1, 16 * 1024);

        ChangeFileSystem(source);
        var changed = Show("changed", await scene.SyncAsync());
        scene.AssertSame();
        Assert.False(changed.IsUnchanged);
        Assert.NotEqual(first.Text("gen"), changed.Text("gen"));
        Assert.InRange(changed.Changed, MiB, 24 * MiB);
        Assert.InRange(changed.Wire, 1, changed.Literal + (changed.Literal / 10) + (64 * 1024));
        Command.Run("e2fsck", "-f", "-n", target.Path);
    }

    [Theory]
    [InlineData("digest")]
    [InlineData("compare")]
    [InlineData("full")]
    [InlineData("auto")]
    public async Task EveryPlanEndsEqual(string plan)
    {
        const long Size = 24L * MiB;
        using var source = new LoopDevice(Size);
        using var target = new LoopDevice(Size);
        await using var scene = await CopiedAsync(source, target);
        Edit(source);
        var summary = Show(plan, await scene.SyncAsync("--plan", plan));
        scene.AssertSame();
        Assert.Equal(plan is "auto" ? "digest" : plan, summary.Plan);
        if (plan is not "full")
        {
            Assert.Equal(EditedBytes, summary.Changed);
        }

        Assert.True(Show("again", await scene.SyncAsync("--plan", plan)).IsUnchanged || plan is "full");
        scene.AssertSame();
    }

    [Theory]
    [InlineData("--hash", "sha256")]
    [InlineData("--block-size", "4KiB")]
    [InlineData("--block-size", "64KiB")]
    [InlineData("--block-size", "4MiB")]
    [InlineData("--match", "aligned")]
    [InlineData("--match", "rolling")]
    [InlineData("--compress", "lz4")]
    [InlineData("--compress", "none")]
    public async Task EveryOptionEndsEqual(string option, string value)
    {
        // No multiple of 64 KiB, so that all block sizes have a short last block.
        const long Size = (20L * MiB) + (5 * Page);
        using var source = new LoopDevice(Size);
        using var target = new LoopDevice(Size);
        await using var scene = await CopiedAsync(source, target, option, value);
        Edit(source);
        var summary = Show("compare", await scene.SyncAsync(option, value, "--plan", "compare"));
        scene.AssertSame();
        Assert.Equal(EditedBytes, summary.Changed);
        Edit(source, seed: 3);
        Show("auto", await scene.SyncAsync(option, value));
        scene.AssertSame();
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(4096 + 512)]
    [InlineData(65536 + 3584)]
    [InlineData((17 * MiB) + 512)]
    [InlineData((17 * MiB) + 4096 + 1536)]
    [InlineData((17 * MiB) + 65536 - 512)]
    public async Task ADeviceOfAnySizeIsReplicatedToItsLastSector(long size)
    {
        using var source = new LoopDevice(size);
        using var target = new LoopDevice(size);
        await using var scene = await CopiedAsync(source, target);
        foreach (var plan in (string[])["compare", "digest", "full"])
        {
            // The last bytes, and whatever precedes them in their page.
            var tail = (int)Math.Min(size, 1024);
            DeviceBytes.Write(source.Path, size - tail, Random(plan.Length, tail));
            Show(plan, await scene.SyncAsync("--plan", plan));
            scene.AssertSame();
        }
    }

    [Fact]
    public async Task WhatBecameZeroIsZeroOnTheTargetToo()
    {
        const long Size = 16L * MiB;
        using var source = new LoopDevice(Size);
        using var target = new LoopDevice(Size);
        await using var scene = await CopiedAsync(source, target);
        DeviceBytes.Write(source.Path, 3 * MiB, new byte[2 * MiB]);
        DeviceBytes.Write(source.Path, (9 * MiB) + Page, new byte[Page]);
        var summary = Show("zeroed", await scene.SyncAsync());
        scene.AssertSame();
        Assert.Equal((2 * MiB) + Page, summary.Zeroed);
        Assert.InRange(summary.Wire, 1, 16 * 1024);
    }

    [Fact]
    public async Task AFirstCopyLeavesNothingOfWhatWasOnTheTarget()
    {
        const long Size = 16L * MiB;
        using var source = new LoopDevice(Size);
        using var target = new LoopDevice(Size);
        new RandomContent(7).WriteTo(target.Path, 0, Size);
        new RandomContent(8).WriteTo(source.Path, 5 * MiB, MiB);
        await using var scene = new ReplicationScene(source.Path, target.Path);
        await scene.ServeAsync();
        Show("first", await scene.SyncAsync());
        scene.AssertSame();
    }

    [Fact]
    public async Task ARestartedReceiverGoesOnFromItsGeneration()
    {
        const long Size = 16L * MiB;
        using var source = new LoopDevice(Size);
        using var target = new LoopDevice(Size);
        await using var scene = await CopiedAsync(source, target);
        var stopped = await scene.StopAsync();
        Assert.Equal(143, stopped.ExitCode);
        Edit(source);
        await scene.ServeAsync(init: "");
        var summary = Show("after restart", await scene.SyncAsync());
        scene.AssertSame();
        Assert.False(summary.Flag("initial"));
        Assert.Equal(EditedBytes, summary.Changed);
    }

    [Fact]
    public async Task AForeignWriteToTheTargetIsFoundThoughNobodyToldOfIt()
    {
        const long Size = 16L * MiB;
        using var source = new LoopDevice(Size);
        using var target = new LoopDevice(Size);
        await using var scene = await CopiedAsync(source, target);
        DeviceBytes.Write(target.Path, 7 * MiB, Random(1, Page));
        var found = await scene.TrySyncAsync();
        output.WriteLine(found.ToString());
        Assert.Equal(8, found.ExitCode);
        Assert.Contains("[target-diverged]", found.Error, StringComparison.Ordinal);
        var summary = Show("after a foreign write", await scene.SyncAsync());
        scene.AssertSame();
        Assert.Equal("compare", summary.Plan);
        Assert.InRange(summary.TargetRead, Size, Size + MiB);
    }

    private RunSummary Show(string what, RunSummary summary)
    {
        output.WriteLine($"{what, -14} {summary}");
        return summary;
    }

    /// <summary>Random content on the source, and a first copy of it.</summary>
    private async Task<ReplicationScene> CopiedAsync(
        LoopDevice source,
        LoopDevice target,
        params string[] options
    )
    {
        var size = source.SizeBytes;
        new RandomContent(1).WriteTo(source.Path, 0, size);
        var scene = new ReplicationScene(source.Path, target.Path);
        await scene.ServeAsync();
        Show("first", await scene.SyncAsync(options));
        scene.AssertSame();
        return scene;
    }

    /// <summary>Scattered pages, one long run, and the last page; none of it is like anything else.</summary>
    private static void Edit(LoopDevice device, int seed = 2)
    {
        for (var i = 0; i < 40; i++)
        {
            DeviceBytes.Write(device.Path, (1L + (61 * i)) * Page, Random(seed + i, Page));
        }

        DeviceBytes.Write(device.Path, (11 * MiB) + Page, Random(seed, MiB));
        DeviceBytes.Write(device.Path, (device.SizeBytes / Page * Page) - Page, Random(-seed, Page));
    }

    private static byte[] Random(int seed, int length)
    {
        var content = new byte[length];
        new RandomContent((ulong)(1000 + seed)).Fill(0, content);
        return content;
    }

    private static void FillFileSystem(LoopDevice device)
    {
        using var mount = new Mount(device.Path);
        for (var i = 0; i < 400; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(mount.Path, $"folder {i % 20}"));
            var file = Path.Combine(folder.FullName, $"file {i}");
            if (i % 2 == 0)
            {
                File.WriteAllBytes(file, Random(i, 16 + (i * 512)));
            }
            else
            {
                File.WriteAllText(file, string.Concat(Enumerable.Repeat($"line of file {i}\n", i * 20)));
            }
        }
    }

    private static void ChangeFileSystem(LoopDevice device)
    {
        using var mount = new Mount(device.Path);
        File.WriteAllBytes(Path.Combine(mount.Path, "new"), Random(77, 2 * MiB));
        File.Delete(Path.Combine(mount.Path, "folder 3", "file 3"));
        File.Move(Path.Combine(mount.Path, "folder 4", "file 4"), Path.Combine(mount.Path, "renamed"));
        File.AppendAllText(Path.Combine(mount.Path, "folder 5", "file 5"), "one more line\n");
    }
}
