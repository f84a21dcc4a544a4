using RsyncFs.Access;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>What a receiver lets the owner of a key do, over the real wire.</summary>
public sealed class RightsTests : IDisposable
{
    private const Rights All = Rights.Write | Rights.Verify | Rights.Init;

    private readonly MemoryBlockDevice _target = new(new byte[1 << 20]);
    private readonly ReplicationPair _pair;
    private readonly byte[] _content = new byte[1 << 20];

    public RightsTests()
    {
        new Random(1).NextBytes(_content);
        _pair = new ReplicationPair(new MemoryBlockDevice(_content), _target);
    }

    public void Dispose() => _target.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Rights.None)]
    [InlineData(Rights.Verify)]
    [InlineData(Rights.Init)]
    [InlineData(Rights.Write)]
    public async Task WithoutAllThatAFirstCopyNeedsNothingIsWritten(Rights rights)
    {
        _pair.Caller = Caller.Of("web1", _ => rights);
        await AssertDeniedAsync();
        _pair.Caller = Caller.Of("web1", _ => Rights.Write | Rights.Init);
        await _pair.RunAsync(Token);
        Assert.Equal(_content, ContentOf(_target));
        // And no more for what comes then.
        _pair.Caller = Caller.Of("web1", _ => Rights.Write);
        await _pair.RunAsync(Token);
    }

    [Fact]
    public async Task AnotherTargetsRightsAreOfNoUse()
    {
        _pair.Caller = Caller.Of("web1", target => target is "another" ? All : Rights.None);
        await AssertDeniedAsync();
    }

    /// <summary>It is asked for the purpose and for a first copy when the target is opened, and again when the generation begins.</summary>
    [Fact]
    public async Task ARightThatIsLostBetweenOpenAndBeginIsLost()
    {
        const int AtOpen = 2;
        var asked = 0;
        _pair.Caller = Caller.Of("web1", _ => ++asked <= AtOpen ? All : Rights.None);
        await AssertDeniedAsync();
        Assert.True(asked > AtOpen);
    }

    /// <summary>A first copy needs <c>init</c> until it is whole: at its begin, and when it goes on where it was cut.</summary>
    [Fact]
    public async Task AFirstCopyNeedsInitAsLongAsItRuns()
    {
        const int AtOpen = 2;
        var asked = 0;
        _pair.Caller = Caller.Of("web1", _ => ++asked <= AtOpen ? All : Rights.Write);
        await AssertDeniedAsync();

        _pair.Caller = Caller.Of("web1", _ => All);
        _pair.Target = new HookedDevice(_target)
        {
            Flushing = () => throw new DeviceException(ErrorId.TargetIo, "the disk is gone"),
        };
        await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(TargetStatus.Initializing, TargetRecord.Load(_pair.ReceiverState)!.Status);
        _pair.Target = _target;
        _pair.Policy = _pair.Policy with { Init = InitPolicy.Refused };
        _pair.Caller = Caller.Of("web1", _ => Rights.Write | Rights.Verify);
        var refusal = await AssertDeniedAsync();
        Assert.Equal("on the receiver: rsyncfs peer allow web1 t=write,verify,init", refusal.Hint);
        // What the receiver allowed when it began needs not be said again.
        _pair.Caller = Caller.Of("web1", _ => All);
        await _pair.RunAsync(Token);
        Assert.Equal(_content, ContentOf(_target));
    }

    /// <summary>Who gives one of two leaves that are missing is not to be refused for the other.</summary>
    [Theory]
    [InlineData(InitPolicy.Refused, "; and for the target: rsyncfs serve --target t=DEVICE,init")]
    [InlineData(InitPolicy.Allowed, "")]
    public async Task ARefusalNamesEveryLeaveThatIsMissing(InitPolicy policy, string more)
    {
        _pair.Policy = _pair.Policy with { Init = policy };
        _pair.Caller = Caller.Of("NAME", _ => Rights.Write);
        var refusal = await AssertDeniedAsync();
        Assert.Equal($"on the receiver: rsyncfs peer allow NAME t=write,init{more}", refusal.Hint);
    }

    /// <summary>The receiver would let it be overwritten, and says what is there before it says how.</summary>
    [Fact]
    public async Task WhereOnlyTheRightToOverwriteIsMissingTheHintNamesIt()
    {
        await _pair.RunAsync(Token);
        var other = new ReplicationPair(_pair.Source, _target)
        {
            ReceiverState = _pair.ReceiverState,
            Policy = _pair.Policy with { Init = InitPolicy.Overwrite },
            Caller = Caller.Of("NAME", _ => Rights.Write),
        };
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => other.RunAsync(Token));
        Assert.Equal(ErrorId.SenderUnknown, refusal.Id);
        Assert.Contains("rsyncfs target adopt t --new-sender", refusal.Hint, StringComparison.Ordinal);
        Assert.EndsWith(
            "overwritten, on the receiver: rsyncfs peer allow NAME t=write,init",
            refusal.Hint,
            StringComparison.Ordinal
        );
    }

    private static byte[] ContentOf(MemoryBlockDevice device)
    {
        var content = new byte[device.LengthBytes];
        device.Read(0, content);
        return content;
    }

    private async Task<RefusedException> AssertDeniedAsync()
    {
        var before = ContentOf(_target);
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.AccessDenied, refusal.Id);
        Assert.Equal(before, ContentOf(_target));
        return refusal;
    }
}
