using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Tests.Contracts;
using Xunit;

namespace RsyncFs.Tests.Laboratory;

public sealed class SimulatedBlockDeviceTests : BlockDeviceContract
{
    private const int LengthBytes = 64 * 1024;
    private const int SectorBytes = 512;

    protected override IReadOnlyList<int> Lengths => [65536, 65537, 100_000];

    protected override IBlockDevice Open(int lengthBytes) => new SimulatedBlockDevice(lengthBytes);

    protected override IBlockDevice Reopen(IBlockDevice device) => ((SimulatedBlockDevice)device).Reopen();

    [Fact]
    public void KeepsWhatWasFlushedThroughAnyCrash()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            using var device = new SimulatedBlockDevice(LengthBytes);
            var content = Fill(device, seed);
            device.Flush();
            device.Crash(seed);
            Assert.Equal(content, ReadAll(device));
        }
    }

    [Fact]
    public void LosesTearsAndReordersWhatWasNotFlushed()
    {
        // Two writes over the same sectors: each sector may be old, first or second, and over some seeds is each.
        var seen = new HashSet<(byte First, byte Last)>();
        for (var seed = 0; seed < 200; seed++)
        {
            using var device = new SimulatedBlockDevice(LengthBytes);
            device.Write(0, Enumerable.Repeat((byte)1, 2 * SectorBytes).ToArray());
            device.Write(0, Enumerable.Repeat((byte)2, 2 * SectorBytes).ToArray());
            device.Crash(seed);
            var content = ReadAll(device);
            for (var sector = 0; sector < 2; sector++)
            {
                var bytes = content.AsSpan(sector * SectorBytes, SectorBytes);
                Assert.False(bytes.ContainsAnyExcept(bytes[0]), $"seed {seed}: a sector is torn");
            }

            seen.Add((content[0], content[SectorBytes]));
        }

        Assert.Equal(9, seen.Count);
    }

    [Fact]
    public void ShowsACrashInTheEvidence()
    {
        using var device = new SimulatedBlockDevice(LengthBytes);
        var before = device.ReadEvidence();
        device.Crash(seed: 1);
        Assert.False(device.ReadEvidence().Follows(before, 0));
    }

    [Fact]
    public void ShowsAnothersWriteInTheEvidence()
    {
        using var device = new SimulatedBlockDevice(LengthBytes);
        var before = device.ReadEvidence();
        device.WriteByAnother(0, new byte[1]);
        Assert.False(device.ReadEvidence().Follows(before, device.SectorsWritten));
    }

    [Fact]
    public void FailsTheNthCallForEveryNAndNoOther()
    {
        for (var failing = 1; failing <= 4; failing++)
        {
            using var device = new SimulatedBlockDevice(LengthBytes);
            device.Faults.FailAt(failing);
            Action[] story =
            [
                () => device.Write(0, new byte[4096]),
                () => device.Zero(new Extent(4096, 4096)),
                () => device.Read(0, new byte[100]),
                device.Flush,
            ];
            for (var call = 1; call <= story.Length; call++)
            {
                if (call == failing)
                {
                    Assert.Equal(ErrorId.TargetIo, Assert.Throws<DeviceException>(story[call - 1]).Id);
                }
                else
                {
                    story[call - 1]();
                }
            }

            Assert.Equal(story.Length, device.Faults.CallCount);
        }
    }

    [Fact]
    public void StaysDownFromTheNthCallUntilItIsRestarted()
    {
        using var device = new SimulatedBlockDevice(LengthBytes);
        device.Faults.StopAt(2);
        device.Write(0, new byte[512]);
        Assert.Throws<DeviceException>(device.Flush);
        Assert.Throws<DeviceException>(() => device.Read(0, new byte[1]));
        device.Faults.Restart();
        device.Read(0, new byte[1]);
    }

    [Fact]
    public void LosesDataInAFailedFlushThatTheNextDoesNotReport()
    {
        var losses = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            using var device = new SimulatedBlockDevice(LengthBytes, seed: seed);
            var content = Fill(device, seed);
            device.Faults.FailAt(1);
            Assert.Throws<DeviceException>(device.Flush);
            device.Flush();
            losses += ReadAll(device).AsSpan().SequenceEqual(content) ? 0 : 1;
        }

        Assert.InRange(losses, 10, 20);
    }

    [Fact]
    public void LeavesPartOfAWriteThatFailed()
    {
        var lengths = new HashSet<int>();
        for (var seed = 0; seed < 20; seed++)
        {
            using var device = new SimulatedBlockDevice(LengthBytes, seed: seed);
            device.Faults.FailAt(1);
            Assert.Throws<DeviceException>(() => device.Write(0, Enumerable.Repeat((byte)1, 4096).ToArray()));
            lengths.Add(ReadAll(device).AsSpan().IndexOf((byte)0));
        }

        Assert.True(lengths.Count > 5);
    }
}
