using System.Text.RegularExpressions;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>docs/TESTING.md says which tests show that what is wrong elsewhere is not so here: they must be there.</summary>
public sealed partial class ChecklistTests
{
    [Theory]
    [InlineData("## What went wrong elsewhere")]
    [InlineData("## What people complain of elsewhere")]
    public void EveryTestThatIsNamedAgainstAFaultOfOthersExists(string heading)
    {
        var text = File.ReadAllText(Path.Combine(SourceTree.Root, "docs/TESTING.md"));
        var section = text[text.IndexOf(heading, StringComparison.Ordinal)..];
        var rows = section[..section.IndexOf("\n## ", StringComparison.Ordinal)]
            .Split('\n')
            .Where(line => line.StartsWith("| [", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(rows);
        Assert.All(
            rows,
            row =>
            {
                var named = TestName().Matches(row.Split('|')[^2]);
                Assert.NotEmpty(named);
                Assert.All(
                    named,
                    name =>
                        Assert.True(
                            IsThere(name.Groups["class"].Value, name.Groups["method"].Value),
                            $"there is no {name.Value}"
                        )
                );
            }
        );
    }

    private static bool IsThere(string name, string method) =>
        SourceTree
            .FilesOf("tests")
            .Where(path =>
                string.Equals(Path.GetFileNameWithoutExtension(path), name, StringComparison.Ordinal)
            )
            .Any(path => File.ReadAllText(path).Contains($" {method}(", StringComparison.Ordinal));

    [GeneratedRegex(
        "`(?<class>\\w+Tests)\\.(?<method>\\w+)`",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex TestName();
}
