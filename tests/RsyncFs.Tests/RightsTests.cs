using RsyncFs.Access;
using RsyncFs.Devices;
using RsyncFs.Errors;
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

    private static byte[] ContentOf(MemoryBlockDevice device)
    {
        var content = new byte[device.LengthBytes];
        device.Read(0, content);
        return content;
    }

    private async Task AssertDeniedAsync()
    {
        var before = ContentOf(_target);
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.AccessDenied, refusal.Id);
        Assert.Equal(before, ContentOf(_target));
    }
}
