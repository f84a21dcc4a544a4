using RsyncFs.Blocks;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>A comparison says what it found, and takes trust away only from the copy that it has read (C10, I11).</summary>
public sealed class VerifyTests : IDisposable
{
    private const int Length = 40 * 16384;
    private const int LongLength = Length + (64 * 16384);

    private readonly SimulatedBlockDevice _source = Device(Length, "source 1");
    private readonly SimulatedBlockDevice _target = new(Length) { StableId = "serial 1" };
    private readonly ReplicationPair _pair;

    public VerifyTests()
    {
        _pair = new ReplicationPair(_source, _target);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TargetRecord Record => TargetRecord.Load(_pair.ReceiverState)!;

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    /// <summary>Another disk bears the name, or the image was made longer: what it holds says nothing of the copy.</summary>
    [Theory]
    [InlineData("serial 2", Length, TargetStatus.Empty)]
    [InlineData("serial 2", LongLength, TargetStatus.Empty)]
    [InlineData("serial 1", LongLength, TargetStatus.Adopted)]
    public async Task AnotherDeviceIsComparedAndNeitherBelievedNorBlamed(
        string stableId,
        int lengthBytes,
        TargetStatus seenAs
    )
    {
        await _pair.RunAsync(Token);
        var before = Record;
        foreach (var differs in new[] { false, true })
        {
            using var source = Device(lengthBytes, "source 1");
            using var other = Device(lengthBytes, stableId);
            if (differs)
            {
                other.WriteByAnother(3 * 16384, new byte[4096]);
            }

            (_pair.Source, _pair.Target) = (source, other);
            var report = await _pair.VerifyAsync(Token);
            Assert.Equal((differs ? 1 : 0, seenAs), (report.DifferingBlocks, report.TargetStatus));
            Assert.Equal(lengthBytes, report.TargetBytesRead);
            Assert.Null(_pair.ReceiverFailure);
            Assert.Equal(before, Record);
        }

        (_pair.Source, _pair.Target) = (_source, _target);
        Assert.Equal(Plan.Digest, (await _pair.RunAsync(Token)).Plan);
    }

    [Fact]
    public async Task ADifferenceOnTheDeviceOfTheCopyMakesItDiverged()
    {
        await _pair.RunAsync(Token);
        Assert.Equal(0, (await _pair.VerifyAsync(Token)).DifferingBlocks);
        Assert.Equal(TargetStatus.Consistent, Record.Status);
        _target.WriteByAnother(3 * 16384, new byte[4096]);
        Assert.Equal(1, (await _pair.VerifyAsync(Token)).DifferingBlocks);
        Assert.Equal(TargetStatus.Diverged, Record.Status);
    }

    private static SimulatedBlockDevice Device(int lengthBytes, string stableId)
    {
        var content = new byte[lengthBytes];
        new Random(1).NextBytes(content.AsSpan(0, Length));
        var device = new SimulatedBlockDevice(lengthBytes) { StableId = stableId };
        device.Fill(content);
        return device;
    }
}
