using RsyncFs.Access;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Access;

public sealed class CallerTests
{
    [Theory]
    [InlineData(Rights.None, Purpose.Replicate, false)]
    [InlineData(Rights.None, Purpose.Estimate, false)]
    [InlineData(Rights.None, Purpose.Verify, false)]
    [InlineData(Rights.Verify, Purpose.Replicate, false)]
    [InlineData(Rights.Verify, Purpose.Estimate, true)]
    [InlineData(Rights.Verify, Purpose.Verify, true)]
    [InlineData(Rights.Write, Purpose.Replicate, true)]
    [InlineData(Rights.Write, Purpose.Verify, true)]
    [InlineData(Rights.Init, Purpose.Replicate, false)]
    [InlineData(Rights.Init, Purpose.Verify, false)]
    public void ARightAllowsWhatItSays(Rights rights, Purpose purpose, bool isAllowed)
    {
        var caller = Caller.Of("web1", target => target is "db01" ? rights : Rights.None);
        Assert.Equal(isAllowed, caller.May("db01", purpose));
        Assert.False(caller.May("db02", purpose));
        Assert.False(Caller.Unknown.May("db01", purpose));
        Assert.True(Caller.WithoutKey.May("db01", purpose));
    }

    /// <summary>Whoever writes replaces all of it: comparing tells nothing more.</summary>
    [Fact]
    public void ARefusalNamesTheCommandThatAllowsIt()
    {
        var caller = Caller.Of("web1", _ => Rights.Verify);
        var refusal = Assert.Throws<RefusedException>(() => caller.Demand("db01", Purpose.Replicate));
        Assert.Equal(ErrorId.AccessDenied, refusal.Id);
        Assert.Contains("rsyncfs peer allow web1 db01=write,verify", refusal.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void ARightIsAskedForEachTime()
    {
        var rights = Rights.Write;
        var caller = Caller.Of("web1", _ => rights);
        caller.Demand("db01", Purpose.Replicate);
        rights = Rights.None;
        Assert.Throws<RefusedException>(() => caller.Demand("db01", Purpose.Replicate));
    }
}
