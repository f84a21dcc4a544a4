using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>Devices and state directories that fail: nobody says success, nothing is made up, and the next run mends it.</summary>
public sealed class FailingDeviceTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = 16L * MiB;
    private const long Readable = 5L * MiB;

    private readonly LoopDevice _source = new(Size);

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData("auto")]
    [InlineData("compare")]
    [InlineData("full")]
    public async Task ASourceThatCanNotBeReadLeavesTheTargetAsItWas(string plan)
    {
        using var target = new LoopDevice(Size);
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, target.Path);
        await scene.ServeAsync();
        await scene.SyncAsync();
        var before = (DeviceBytes.Hash(target.Path), target.SectorsWritten);
        new RandomContent(2).WriteTo(_source.Path, 2 * MiB, MiB);

        Break(_source);
        AssertSourceError(await scene.TrySyncAsync("--plan", plan));
        Assert.Equal(before, (DeviceBytes.Hash(target.Path), target.SectorsWritten));

        Mend(_source);
        output.WriteLine((await scene.SyncAsync("--plan", plan)).ToString());
        scene.AssertSame();
    }

    [Fact]
    public async Task ASourceThatCanNotBeReadEndsAFirstCopyAndFillsNothingWithZeros()
    {
        using var target = new LoopDevice(Size);
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        new RandomContent(3).WriteTo(target.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, target.Path);
        await scene.ServeAsync();

        Break(_source);
        AssertSourceError(await scene.TrySyncAsync());
        var behind = new byte[(int)(Size - (8 * MiB))];
        new RandomContent(3).Fill(8 * MiB, behind);
        Assert.Equal(behind, DeviceBytes.Read(target.Path, 8 * MiB, behind.Length));

        Mend(_source);
        var summary = await scene.SyncAsync();
        output.WriteLine(summary.ToString());
        Assert.Equal("compare", summary.Plan);
        scene.AssertSame();
    }

    [Fact]
    public async Task ATargetThatIsFullInAFirstCopyIsNoGeneration()
    {
        using var room = TemporaryDirectory.OnTmpfs(6 * MiB);
        var target = Images.Make(room, "target.img", Size);
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, target);
        await scene.ServeAsync();
        AssertTargetError(await scene.TrySyncAsync());
        await scene.Receiver.WaitForErrorLineAsync("[target-io]");
        AssertTargetError(await scene.TrySyncAsync());

        GiveRoom(room);
        var summary = await scene.SyncAsync();
        output.WriteLine(summary.ToString());
        Assert.Equal("an earlier copy did not end; what it left is compared", summary.Text("plan_reason"));
        scene.AssertSame();
    }

    [Fact]
    public async Task ATargetDeviceThatCanNotBeWrittenIsNoGeneration()
    {
        using var target = new LoopDevice(Size, directory: TemporaryDirectory.OnTmpfs(6 * MiB));
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, target.Path);
        await scene.ServeAsync();
        AssertTargetError(await scene.TrySyncAsync());

        Command.Run("mount", "-o", "remount,size=64m", Path.GetDirectoryName(target.BackingFile)!);
        var summary = await scene.SyncAsync();
        output.WriteLine(summary.ToString());
        Assert.Equal("compare", summary.Plan);
        scene.AssertSame();
    }

    [Fact]
    public async Task ATargetDeviceThatCanNotBeReadIsReportedWithItsOffset()
    {
        using var target = new LoopDevice(Size);
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, target.Path);
        await scene.ServeAsync();
        await scene.SyncAsync();

        Break(target);
        DeviceBytes.Write(_source.Path, 10 * MiB, new byte[4096]);
        DeviceBytes.Write(_source.Path, (10 * MiB) + 8192, [1]);
        AssertTargetError(await scene.TrySyncAsync("--plan", "compare"));

        Mend(target);
        output.WriteLine((await scene.SyncAsync("--plan", "compare")).ToString());
        scene.AssertSame();
    }

    /// <summary>Takes the end of the backing file away: the device keeps its size, and reads behind that fail with EIO.</summary>
    private static void Break(LoopDevice device)
    {
        Command.Run("blockdev", "--flushbufs", device.Path);
        Command.Run("cp", "--sparse=always", device.BackingFile, device.BackingFile + ".whole");
        Resize(device.BackingFile, Readable);
    }

    private static void Mend(LoopDevice device) =>
        Command.Run(
            "dd",
            $"if={device.BackingFile}.whole",
            $"of={device.BackingFile}",
            "bs=1M",
            "conv=notrunc,fsync",
            "status=none"
        );

    private static void Resize(string path, long lengthBytes)
    {
        using var file = DeviceBytes.OpenToWrite(path);
        RandomAccess.SetLength(file, lengthBytes);
    }

    private static void GiveRoom(TemporaryDirectory room) =>
        Command.Run("mount", "-o", "remount,size=64m", room.Path);

    private void AssertSourceError(ProgramResult result)
    {
        output.WriteLine(result.Error);
        Assert.True(result.ExitCode == 7, result.ToString());
        Assert.Contains("[source-io]\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("EIO", result.Error, StringComparison.Ordinal);
        Assert.Matches(@"offset \d+", result.Error);
    }

    private void AssertTargetError(ProgramResult result)
    {
        output.WriteLine(result.Error);
        Assert.True(result.ExitCode == 8, result.ToString());
        Assert.Contains("[target-io]\n", result.Error, StringComparison.Ordinal);
        Assert.Matches(@"offset \d+", result.Error);
    }
}
