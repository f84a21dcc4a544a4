using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Cli;

/// <summary>The code of a process in which several things ended.</summary>
public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(ExitCode.Ok, ExitCode.Ok, ExitCode.Ok)]
    [InlineData(ExitCode.Partial, ExitCode.Ok, ExitCode.Bug)]
    [InlineData(ExitCode.Target, ExitCode.Unreachable, ExitCode.Target, ExitCode.Locked)]
    [InlineData(ExitCode.Unreachable, ExitCode.Unreachable)]
    [InlineData(ExitCode.Fenced, ExitCode.Source, ExitCode.Fenced)]
    public void OfSeveralCodesTheProcessHasTheOneThatNeedsAPersonMost(
        ExitCode expected,
        params ExitCode[] codes
    ) => Assert.Equal(expected, ErrorCatalogue.ExitCodeOf(codes));

    [Fact]
    public void EveryCodeOfAFailureHasItsPlaceAmongTheOthers()
    {
        foreach (var code in Enum.GetValues<ErrorId>().Select(ErrorCatalogue.ExitCodeOf).Distinct())
        {
            Assert.Equal(code, ErrorCatalogue.ExitCodeOf([code]));
        }
    }
}
