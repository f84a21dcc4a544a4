using System.Text;
using System.Xml.Linq;

namespace RsyncFs.Tests.Catalogue;

/// <summary>What the comments of the library's members say: pages are made of them.</summary>
internal static class Summaries
{
    private static readonly XDocument Comments = XDocument.Load(
        Path.Combine(AppContext.BaseDirectory, "RsyncFs.Core.xml")
    );

    /// <summary>The summary of a member, on one line.</summary>
    /// <param name="member">As the compiler calls it: <c>F:RsyncFs.Errors.ErrorId.Fenced</c>.</param>
    /// <param name="code">Marks what is code.</param>
    public static string Of(string member, Func<string, string> code)
    {
        var summary = Comments
            .Descendants("member")
            .Single(element =>
                string.Equals((string?)element.Attribute("name"), member, StringComparison.Ordinal)
            )
            .Element("summary")!;
        var text = new StringBuilder();
        foreach (var node in summary.Nodes())
        {
            text.Append(
                node is XElement { Name.LocalName: "c" } element ? code(element.Value)
                : node is XText plain ? plain.Value
                : ""
            );
        }

        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
