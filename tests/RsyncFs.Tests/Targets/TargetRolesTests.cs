using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Targets;

/// <summary>What a role is changed on: the very device of the copy, however hard it is to be had.</summary>
public sealed class TargetRolesTests : IDisposable
{
    private const int Length = 40 * 16384;

    private readonly byte[] _content = new byte[Length];
    private readonly SimulatedBlockDevice _device = new(Length) { StableId = "serial 1" };
    private readonly ReplicationPair _pair;

    public TargetRolesTests()
    {
        new Random(1).NextBytes(_content);
        _pair = new ReplicationPair(new MemoryBlockDevice(_content, "source"), _device);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TargetRecord Record => TargetRecord.Load(_pair.ReceiverState)!;

    public void Dispose() => _device.Dispose();

    /// <summary>After a reboot another disk may bear the name.</summary>
    [Theory]
    [InlineData("serial 2", Length, ErrorId.TargetReplaced, "")]
    [InlineData("serial 1", Length + 512, ErrorId.TargetResized, "promote --force,resize")]
    [InlineData("serial 1", Length - 512, ErrorId.TargetResized, "promote --force")]
    public async Task AnotherDeviceInThePlaceOfTheCopyIsNotPromoted(
        string stableId,
        int lengthBytes,
        ErrorId expected,
        string remedies
    )
    {
        await _pair.RunAsync(Token);
        var before = Record;
        _pair.Target = new SimulatedBlockDevice(lengthBytes) { StableId = stableId };
        using var target = _pair.OpenTarget();
        var refusal = Assert.Throws<RefusedException>(() => target.Promote(force: false));
        Assert.Equal(expected, refusal.Id);
        Assert.Equal(remedies, string.Join(',', Remedies.NamedIn(refusal.Hint)));
        Assert.Equal(before, Record);
        Assert.Equal(TargetStatus.Primary, target.Promote(force: true).Status);
    }

    [Fact]
    public async Task APrimaryWhoseLifeAsASourceCouldNotBeEndedIsOneStill()
    {
        await _pair.RunAsync(Token);
        using var target = _pair.OpenTarget();
        target.Promote(force: false);
        var before = Record;
        Assert.Throws<StateException>(() =>
            target.Demote(mayBeReplaced: false, () => throw new StateException(ErrorId.StateIo, "full"))
        );
        Assert.Equal(before, Record);
        Assert.False(target.HoldsDevice, "nobody could use the primary");
        var isEnded = false;
        target.Demote(mayBeReplaced: false, () => isEnded = true);
        Assert.True(isEnded);
        Assert.Equal(TargetStatus.Adopted, Record.Status);
    }

    /// <summary>Of what the lost device held nothing is known of the one in its place; the fence stays.</summary>
    [Fact]
    public async Task ADeviceThatTakesThePlaceOfALostPrimaryIsAtNoGeneration()
    {
        await _pair.RunAsync(Token);
        using (var lost = _pair.OpenTarget())
        {
            lost.Promote(force: false);
            lost.BecomeSource();
        }

        _pair.Target = new SimulatedBlockDevice(Length + 512) { StableId = "serial 2" };
        using var target = _pair.OpenTarget();
        var demoted = target.Demote(mayBeReplaced: true, () => { });
        Assert.Equal(TargetStatus.Adopted, demoted.Status);
        Assert.True(demoted.MayBeOn("serial 2"));
        Assert.Equal(Length + 512, demoted.LengthBytes);
        Assert.Equal(Guid.Empty, demoted.Generation);
        Assert.Empty(demoted.Ancestors);
        Assert.Equal(2UL, demoted.Epoch);
    }

    [Fact]
    public async Task ADeviceThatCanNotBeOpenedAgainForAResizeIsTakenByTheNextLease()
    {
        await _pair.RunAsync(Token);
        var isGone = false;
        IBlockDevice Open() =>
            isGone ? throw new DeviceException(ErrorId.TargetInUse, "in use") : _device.Reopen();
        using var target = new Target("t", Open, _pair.ReceiverState, _pair.Policy, Machine());
        target.Lease();
        isGone = true;
        Assert.Throws<DeviceException>(() => target.Resize(force: false));
        target.Release();

        isGone = false;
        target.Lease();
        Assert.True(target.HoldsDevice);
        Assert.Equal(TargetStatus.Consistent, target.Record!.Status);
    }

    /// <summary>The newer primary's first word fences the older, though nothing of the newer has arrived yet.</summary>
    [Fact]
    public async Task ASessionOfANewerPrimaryThatIsCutFencesTheOlder()
    {
        await _pair.RunAsync(Token);
        var newer = new ReplicationPair(new MemoryBlockDevice(_content, "newer"), _device)
        {
            ReceiverState = _pair.ReceiverState,
        };
        SourceState.Load(newer.SenderState).Become(Record.Volume!, Record.Epoch + 1, [Record.Generation]);
        new Random(2).NextBytes(_content.AsSpan(0, Length / 2));
        newer.Wire = wire => CuttingStream.Cut(wire, isSenderCut: true, Length / 4);
        await Assert.ThrowsAsync<ConnectionException>(() => newer.RunAsync(Token));
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.StaleSender, refusal.Id);
    }

    /// <summary>That the target is not what it should be helps the older primary as little.</summary>
    [Fact]
    public async Task ANewerPrimaryThatFindsADifferenceFencesTheOlder()
    {
        await _pair.RunAsync(Token);
        var newer = new ReplicationPair(new MemoryBlockDevice(_content, "newer"), _device)
        {
            ReceiverState = _pair.ReceiverState,
        };
        SourceState.Load(newer.SenderState).Become(Record.Volume!, Record.Epoch + 1, [Record.Generation]);
        _device.WriteByAnother(5 * 16384, new byte[512]);
        var failure = await Assert.ThrowsAsync<RefusedException>(() => newer.RunAsync(Token));
        Assert.Equal(ErrorId.TargetDiverged, failure.Id);
        Assert.Equal((TargetStatus.Diverged, 2UL), (Record.Status, Record.Epoch));
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.StaleSender, refusal.Id);
    }

    private static Services Machine() =>
        new(new Linux.Native.Lz4Codec(), TimeProvider.System, new SeededRandomNumbers(1));
}
