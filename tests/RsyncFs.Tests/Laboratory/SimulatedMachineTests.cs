using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.State;
using Xunit;

namespace RsyncFs.Tests.Laboratory;

public sealed class SimulatedMachineTests
{
    private const int LengthBytes = 64 * 1024;

    [Fact]
    public void AFlushThatFailsMayHideWhatItLostUntilTheNextCrash()
    {
        var hidden = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            var machine = new SimulatedMachine(LengthBytes, (ulong)seed);
            var file = NewFile(machine, [1]);
            file.Write(0, [2]);
            machine.Faults.FailAt(1);
            Assert.Throws<StateException>(file.Flush);
            var isReadAsNew = FirstByteOf(file) == 2;
            file.Flush();
            machine.Crash(new Chance((ulong)seed));
            hidden += isReadAsNew && FirstByteOf(machine.State.Open("a")) == 1 ? 1 : 0;
        }

        Assert.InRange(hidden, 5, 95);
    }

    [Fact]
    public void OnlyARewriteHelpsAgainstAFlushThatForgot()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var machine = new SimulatedMachine(LengthBytes, (ulong)seed, hasPageCache: true);
            machine.Device.Write(0, Enumerable.Repeat((byte)1, LengthBytes).ToArray());
            machine.Faults.FailAt(1);
            Assert.Throws<DeviceException>(machine.Device.Flush);
            machine.Device.Write(0, Enumerable.Repeat((byte)1, LengthBytes).ToArray());
            machine.Device.Flush();
            machine.Crash(new Chance((ulong)seed));
            Assert.False(machine.Device.Content.AsSpan().ContainsAnyExcept((byte)1));
        }
    }

    [Fact]
    public void ACopyIsCrashedWithoutTheOriginal()
    {
        var machine = new SimulatedMachine(LengthBytes, 1);
        using var file = NewFile(machine, [1]);
        file.Write(0, [2]);
        machine.Device.Write(512, [2]);
        var seen = new HashSet<(byte, byte)>();
        for (var seed = 0UL; seed < 50; seed++)
        {
            var copy = machine.Copy();
            copy.Crash(new Chance(seed));
            seen.Add((FirstByteOf(copy.State.Open("a")), copy.Device.Content[512]));
        }

        Assert.Equal(4, seen.Count);
        Assert.Equal(2, FirstByteOf(file));
        Assert.Equal(2, machine.Device.Content[512]);
    }

    [Fact]
    public void AllocatedRoomIsThereWhenTheDiskIsFull()
    {
        var machine = new SimulatedMachine(LengthBytes, 1);
        using var file = machine.State.Create("a");
        machine.State.FreeBytes = 8192;
        file.Allocate(4096);
        Assert.Equal(4096, machine.State.FreeBytes);
        using var other = machine.State.Create("b");
        var failure = Assert.Throws<StateException>(() => other.Allocate(4097));
        Assert.Equal(ErrorId.StateFull, failure.Id);
        other.Write(0, new byte[4096]);
        failure = Assert.Throws<StateException>(() => other.Write(4096, [1]));
        Assert.Equal(ErrorId.StateFull, failure.Id);
        file.Write(0, new byte[4096]);
        machine.State.Delete("b");
        Assert.Equal(4096, machine.State.FreeBytes);
    }

    [Fact]
    public void RunsOutOfRoomAtTheNthCallAndStaysSo()
    {
        var machine = new SimulatedMachine(LengthBytes, 1);
        using var file = machine.State.Create("a");
        file.Allocate(512);
        machine.Faults.FailAt(2, FaultKind.NoRoomFromHere);
        file.Write(0, [1]);
        file.Write(0, [2]);
        Assert.False(machine.Faults.HasStruck);
        Assert.Equal(ErrorId.StateFull, Assert.Throws<StateException>(() => file.Write(512, [1])).Id);
        Assert.True(machine.Faults.HasStruck);
        Assert.Equal(ErrorId.StateFull, Assert.Throws<StateException>(() => machine.State.Create("b")).Id);
        machine.Device.Write(0, [1]);
        machine.Faults.Restart();
        file.Write(512, [1]);
    }

    [Fact]
    public void LosesOrMisdirectsAWriteWithoutAWord()
    {
        var machine = new SimulatedMachine(LengthBytes, 1);
        machine.Faults.FailAt(1, FaultKind.LostWrite);
        machine.Device.Write(0, [1]);
        Assert.False(machine.Device.Content.AsSpan().ContainsAnyExcept((byte)0));
        machine.Faults.FailAt(1, FaultKind.StrayWrite);
        machine.Device.Write(0, [1]);
        Assert.Equal(1, machine.Device.Content.Count(value => value == 1));
    }

    [Fact]
    public void RotIsDurableAndSilent()
    {
        var machine = new SimulatedMachine(LengthBytes, 1);
        using var file = NewFile(machine, [1, 2]);
        machine.State.BytesOf("a")!.Damage(1, [7]);
        machine.Crash(new Chance(1));
        var back = new byte[2];
        machine.State.Open("a").Read(0, back);
        Assert.Equal([1, 7], back);
    }

    [Fact]
    public void ShowsEachOperationBeforeItHappens()
    {
        var machine = new SimulatedMachine(LengthBytes, 1);
        var seen = new List<string>();
        machine.Faults.Observer = (in Operation operation) =>
            seen.Add($"{operation.ToString()} {machine.Device.Content[0]}");
        using var file = machine.State.Create("a");
        file.Write(3, [1, 2]);
        file.Flush();
        machine.Device.Write(0, [5]);
        machine.Device.Zero(new Extent(0, 512));
        machine.State.Rename("a", "b");
        Assert.Equal(
            [
                "Create state/a 0",
                "FileWrite state/a at 3, 2 bytes 0",
                "FileFlush state/a 0",
                "DeviceWrite device at 0, 1 bytes 0",
                "DeviceZero device at 0, 512 bytes 5",
                "Rename state/a to b 0",
            ],
            seen
        );
    }

    [Fact]
    public void KnowsWhatIsDurable()
    {
        var machine = new SimulatedMachine(LengthBytes, 1);
        using var file = NewFile(machine, [1]);
        file.Write(0, [2]);
        machine.State.Create("b").Dispose();
        var durable = machine.State.DurableCopy();
        Assert.Equal(["a"], durable.List());
        Assert.Equal(1, FirstByteOf(durable.Open("a")));
        file.Flush();
        machine.State.Flush();
        durable = machine.State.DurableCopy();
        Assert.Equal(["a", "b"], durable.List());
        Assert.Equal(2, FirstByteOf(durable.Open("a")));
    }

    [Fact]
    public void ManyCopiesOfAMachineTakeLittleRoom()
    {
        var machine = new SimulatedMachine(16 * 1024 * 1024, 1);
        machine.Device.Fill(new byte[16 * 1024 * 1024]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            var copy = machine.Copy();
            copy.Device.Write(0, [1]);
            copy.Device.Flush();
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 100 * 64 * 1024);
    }

    private static IDurableFile NewFile(SimulatedMachine machine, ReadOnlySpan<byte> content)
    {
        var file = machine.State.Create("a");
        file.Write(0, content);
        file.Flush();
        machine.State.Flush();
        return file;
    }

    private static byte FirstByteOf(IDurableFile file)
    {
        Span<byte> first = stackalloc byte[1];
        file.Read(0, first);
        return first[0];
    }
}
