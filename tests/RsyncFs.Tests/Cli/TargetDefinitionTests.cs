using RsyncFs.Cli.Arguments;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class TargetDefinitionTests
{
    [Theory]
    [InlineData("db01=/dev/vg1/db01", "db01", "/dev/vg1/db01", "Refuse")]
    [InlineData("db01=/dev/vg1/db01,init", "db01", "/dev/vg1/db01", "Allow")]
    [InlineData("db01=/dev/vg1/db01,init=overwrite", "db01", "/dev/vg1/db01", "Overwrite")]
    [InlineData("a=/img/size=1,GiB/x.raw", "a", "/img/size=1,GiB/x.raw", "Refuse")]
    [InlineData("a=/img/one,two.raw,init", "a", "/img/one,two.raw", "Allow")]
    [InlineData("0_.-=disk.img", "0_.-", "disk.img", "Refuse")]
    public void ReadsNameDeviceAndPermission(string text, string name, string path, string init) =>
        Assert.Equal(
            new TargetDefinition(name, path, Enum.Parse<InitPermission>(init)),
            TargetDefinition.Parse(text)
        );

    [Theory]
    [InlineData("db01", "has no device")]
    [InlineData("db01=", "has no device")]
    [InlineData("db01=,init", "has no device")]
    [InlineData("=/dev/x", "is not a target's name")]
    [InlineData("DB=/dev/x", "is not a target's name")]
    [InlineData("-a=/dev/x", "is not a target's name")]
    [InlineData("a/b=/dev/x", "is not a target's name")]
    [InlineData("a=/dev/x,int", "',int' is neither")]
    [InlineData("a=/dev/x,Init", "',Init' is neither")]
    [InlineData("a=/dev/x,init=yes", "',init=yes' is neither")]
    [InlineData("a=/dev/x,init=overwite", "',init=overwite' is neither")]
    [InlineData("a=/dev/x,init,init", "',init' is neither")]
    public void RefusesWhatIsIncompleteOrMistyped(string text, string reason) =>
        Assert.Contains(
            reason,
            Refusal.Of(() => TargetDefinition.Parse(text)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void ANameHasAtMost63Letters()
    {
        Assert.True(TargetName.IsValid(new string('a', 63)));
        Assert.False(TargetName.IsValid(new string('a', 64)));
        Assert.False(TargetName.IsValid(""));
        Assert.False(TargetName.IsValid("ä"));
    }
}
