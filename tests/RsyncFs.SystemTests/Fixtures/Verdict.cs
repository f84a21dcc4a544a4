using Xunit;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>Whether a target is what it must be, by the word of cmp(1) and not of the code under test.</summary>
internal static class Verdict
{
    /// <summary>Fails unless both have the same bytes.</summary>
    public static void Same(string source, string target)
    {
        var compared = Command.Try("cmp", source, target);
        Assert.True(compared.ExitCode == 0, $"cmp: {compared.Output}{compared.Error}");
    }

    /// <summary>True if both have the same bytes.</summary>
    public static bool IsSame(string source, string target) =>
        Command.Try("cmp", "--silent", source, target).ExitCode == 0;
}
