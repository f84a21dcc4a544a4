using RsyncFs.Errors;
using RsyncFs.Linux.State;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.State;

public sealed class StateLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void NamesTheHolderToTheSecond()
    {
        using var first = StateLock.Take(_directory.Path);
        var refusal = Assert.Throws<RefusedException>(() => StateLock.Take(_directory.Path));
        Assert.Equal(ErrorId.Locked, refusal.Id);
        Assert.Matches(
            $"^held by process {Environment.ProcessId}, started 2[0-9-]+T[0-9:]+Z$",
            refusal.Cause
        );
    }

    [Fact]
    public void IsFreeAgainWhenReleased()
    {
        StateLock.Take(_directory.Path).Dispose();
        StateLock.Take(_directory.Path).Dispose();
    }

    [Fact]
    public void IsHeldByNobodyThoughItsFileIsThere()
    {
        File.WriteAllText(
            _directory.At("lock"),
            "process 1, started long ago, and far longer than what follows it\n"
        );
        using var taken = StateLock.Take(_directory.Path);
        // Not by File.ReadAllText: .NET takes a lock of its own (FileShare) to read.
        var lines = Command.Run("cat", _directory.At("lock")).TrimEnd().Split('\n');
        Assert.StartsWith(
            $"process {Environment.ProcessId}, started",
            Assert.Single(lines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void IsRefusedWhileAnotherProgramHoldsIt()
    {
        File.WriteAllText(_directory.At("lock"), "");
        using var file = new FileStream(
            _directory.At("lock"),
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.None
        );
        var refusal = Assert.Throws<RefusedException>(() => StateLock.Take(_directory.Path));
        Assert.Equal(ErrorId.Locked, refusal.Id);
    }

    [Fact]
    public void NeedsItsDirectory() =>
        Assert.Equal(
            ErrorId.StateIo,
            Assert.Throws<StateException>(() => StateLock.Take(_directory.At("missing"))).Id
        );
}
