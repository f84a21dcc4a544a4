using RsyncFs.Cli.Commands;
using RsyncFs.Tests.Cli;
using Xunit;

namespace RsyncFs.Tests.Catalogue;

/// <summary>docs/man is made of the verbs of the command line and of <see cref="Errors.ErrorId"/>.</summary>
public sealed class ManPageTests
{
    [Fact]
    public void ThePageOfTheProgramHasEveryVerbAndOption() =>
        AssertPage(
            "rsyncfs.8",
            ManPage.OfProgram(Verbs.Build(new OutputOptions(), new FakeTerminal().Terminal))
        );

    [Fact]
    public void ThePageOfErrorsHasEveryError() => AssertPage("rsyncfs-errors.7", ManPage.OfErrors());

    private static void AssertPage(string name, string page)
    {
        var place = Path.Combine(SourceTree.Root, "docs", "man", name);
        if (Environment.GetEnvironmentVariable(ErrorPageTests.WriteVariable) is "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.WriteAllText(place, page);
        }

        Assert.Equal(page, File.ReadAllText(place));
    }
}
