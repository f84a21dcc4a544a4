using System.Globalization;
using System.Text;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Catalogue;

/// <summary>docs/errors.md is made of <see cref="ErrorId"/>: its members, their comments and their classes.</summary>
public sealed class ErrorPageTests
{
    // Set to 1, the page is written instead of compared.
    internal const string WriteVariable = "RSYNCFS_WRITE_PAGES";

    [Fact]
    public void ThePageHasEveryErrorWithItsExitCodeAndWhatToDo()
    {
        var place = Path.Combine(SourceTree.Root, "docs", "errors.md");
        var page = Print();
        if (Environment.GetEnvironmentVariable(WriteVariable) is "1")
        {
            File.WriteAllText(place, page);
        }

        Assert.Equal(page, File.ReadAllText(place));
    }

    [Fact]
    public void NoErrorLacksAHint()
    {
        foreach (var id in Enum.GetValues<ErrorId>())
        {
            var hint = ErrorCatalogue.HintOf(id);
            Assert.True(hint.Length > 10 && !hint.EndsWith('.'), $"{id}: {hint}");
            Assert.NotEqual(ExitCode.Ok, ErrorCatalogue.ExitCodeOf(id));
        }
    }

    private static string Print()
    {
        var page = new StringBuilder();
        page.Append("# Errors\n\n");
        page.Append(
            "Every error ends with its id in brackets, as in `[target-in-use]`; with `--json` it is the field `id`. Ids stay what they are; new ones may come. An error says what, where, why and what to do in its own case; here is what to do in general. The message is the better source of the two. `src/RsyncFs/Errors/ErrorId.cs` is what this page is made of.\n"
        );
        foreach (
            var code in Enum.GetValues<ErrorId>()
                .GroupBy(ErrorCatalogue.ExitCodeOf)
                .OrderBy(group => group.Key)
        )
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## Exit code {(int)code.Key}\n\n");
            page.Append(SummaryOf($"F:RsyncFs.Errors.ExitCode.{code.Key}")).Append("\n\n");
            page.Append("| id | what happened | what to do |\n|---|---|---|\n");
            foreach (var id in code.OrderBy(ErrorCatalogue.Kebab, StringComparer.Ordinal))
            {
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"| `{ErrorCatalogue.Kebab(id)}` | {SummaryOf($"F:RsyncFs.Errors.ErrorId.{id}")} | {ErrorCatalogue.HintOf(id)} |\n"
                );
            }
        }

        return page.ToString();
    }

    private static string SummaryOf(string member) => Summaries.Of(member, code => $"`{code}`");
}
