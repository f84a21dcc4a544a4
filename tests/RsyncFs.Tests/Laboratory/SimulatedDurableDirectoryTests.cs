using RsyncFs.Errors;
using RsyncFs.State;
using RsyncFs.Tests.Contracts;
using Xunit;

namespace RsyncFs.Tests.Laboratory;

public sealed class SimulatedDurableDirectoryTests : DurableDirectoryContract
{
    private readonly SimulatedDurableDirectory _directory = new();

    protected override IDurableDirectory Directory => _directory;

    [Fact]
    public void KeepsWhatWasFlushedThroughAnyCrash()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var directory = new SimulatedDurableDirectory();
            WriteAndFlush(directory, "a", 1);
            WriteAndFlush(directory.OpenDirectory("d"), "b", 2);
            directory.Flush();
            directory.Crash(seed);
            Assert.Equal(["a", "d"], directory.List());
            Assert.Equal(1, FirstByteOf(directory, "a"));
            Assert.Equal(2, FirstByteOf(directory.OpenDirectory("d"), "b"));
        }
    }

    [Fact]
    public void MayLoseANameThatWasNotFlushedThoughItsFileWas()
    {
        var seen = new HashSet<bool>();
        for (var seed = 0; seed < 50; seed++)
        {
            var directory = new SimulatedDurableDirectory();
            using (var file = directory.Create("a"))
            {
                file.Flush();
            }

            directory.Crash(seed);
            seen.Add(directory.Exists("a"));
        }

        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public void LosesUnflushedNamesInAnyCombination()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 0; seed < 300; seed++)
        {
            var directory = new SimulatedDurableDirectory();
            WriteAndFlush(directory, "old", 1);
            WriteAndFlush(directory, "gone", 1);
            WriteAndFlush(directory, "moved", 1);
            directory.Create("new").Dispose();
            directory.Delete("gone");
            directory.Rename("moved", "old");
            directory.Crash(seed);
            seen.Add(string.Join(',', directory.List()));
        }

        Assert.Equal(8, seen.Count);
    }

    [Fact]
    public void NeverTearsARename()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var directory = new SimulatedDurableDirectory();
            WriteAndFlush(directory, "state", 1);
            WriteAndFlush(directory, "state.new", 2);
            directory.Rename("state.new", "state");
            directory.Crash(seed);
            var renamed = !directory.Exists("state.new");
            Assert.Equal(renamed ? 2 : 1, FirstByteOf(directory, "state"));
        }
    }

    [Fact]
    public void LosesWritesThatWereNotFlushedAndMayLoseTheirLength()
    {
        var seen = new HashSet<(long Length, int First)>();
        for (var seed = 0; seed < 200; seed++)
        {
            var directory = new SimulatedDurableDirectory();
            WriteAndFlush(directory, "a", 1);
            using (var file = directory.Open("a"))
            {
                file.Write(0, [2]);
                file.Write(1, [2]);
            }

            directory.Crash(seed);
            using var after = directory.Open("a");
            seen.Add((after.LengthBytes, FirstByteOf(directory, "a")));
        }

        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public void SharesItsFaultsWithItsFilesAndDirectories()
    {
        var faults = new Faults();
        var directory = new SimulatedDurableDirectory(faults);
        var below = directory.OpenDirectory("d");
        using var file = below.Create("a");
        faults.StopAt(2);
        file.Write(0, [1]);
        Assert.Equal(ErrorId.StateIo, Assert.Throws<StateException>(file.Flush).Id);
        Assert.Throws<StateException>(below.Flush);
        Assert.Throws<StateException>(() => directory.List());
    }

    private static void WriteAndFlush(IDurableDirectory directory, string name, byte value)
    {
        using var file = directory.Create(name);
        file.Write(0, [value]);
        file.Flush();
        directory.Flush();
    }

    private static int FirstByteOf(IDurableDirectory directory, string name)
    {
        using var file = directory.Open(name);
        var data = new byte[1];
        file.Read(0, data);
        return data[0];
    }
}
