using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Cli;

/// <summary>Runs what must be refused as a usage error.</summary>
internal static class Refusal
{
    /// <summary>The error; its hint is never missing.</summary>
    public static RsyncFsException Of(Func<object?> action)
    {
        var error = Assert.Throws<RsyncFsException>(action);
        Assert.Equal(ErrorId.Usage, error.Id);
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.False(string.IsNullOrEmpty(error.Hint), error.Message);
        return error;
    }
}
