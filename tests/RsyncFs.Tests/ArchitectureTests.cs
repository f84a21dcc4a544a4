using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// Holds the layout: which part may know which (docs/ARCHITECTURE.md), one type a file, and how long a file may be.
/// The other guards are the project references and BannedSymbols.txt.
/// </summary>
public sealed partial class ArchitectureTests
{
    private const int MaxLines = 400;
    private const int MatchTimeoutMilliseconds = 10_000;

    /// <summary>What each folder of the library may use beside itself. The root may use them all; nobody uses the root.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new(StringComparer.Ordinal)
    {
        ["Access"] = ["Protocol", "Errors"],
        ["Protocol"] = ["Devices", "Blocks", "Errors"],
        ["Delta"] = ["Sharing", "Devices", "Blocks", "Errors"],
        ["Updates"] = ["Targets", "Journals", "Maps", "Devices", "State", "Blocks", "Errors"],
        ["Targets"] = ["Journals", "Maps", "Devices", "State", "Blocks", "Errors"],
        ["Sharing"] = ["Devices", "Blocks", "Errors"],
        ["Snapshots"] = ["FileSystems", "Sharing", "Devices", "Blocks", "Errors"],
        ["FileSystems"] = ["Devices", "Blocks", "Errors"],
        ["Sources"] = ["Maps", "Devices", "State", "Blocks", "Errors"],
        ["Journals"] = ["Devices", "State", "Blocks", "Errors"],
        ["Maps"] = ["Devices", "State", "Blocks", "Errors"],
        ["Devices"] = ["Blocks", "Errors"],
        ["State"] = ["Blocks", "Errors"],
        ["Blocks"] = ["Errors"],
        ["Errors"] = [],
    };

    [Fact]
    public void EveryFolderOfTheLibraryHasItsRule()
    {
        var folders = Directory
            .EnumerateDirectories(Path.Combine(SourceTree.Root, "src/RsyncFs"))
            .Select(path => Path.GetFileName(path))
            .Where(name => name is not ("bin" or "obj"));
        Assert.All(folders, folder => Assert.Contains(folder, MayUse.Keys));
    }

    [Fact]
    public void EachFolderUsesOnlyWhatItMay()
    {
        var offences = SourceTree
            .FilesOf("src/RsyncFs")
            .Where(path => FolderOf(path).Length > 0)
            .SelectMany(path =>
                UsedBy(path)
                    .Except([FolderOf(path), .. MayUse[FolderOf(path)]], StringComparer.Ordinal)
                    .Select(used =>
                        $"{Path.GetRelativePath(SourceTree.Root, path)} uses {(used.Length == 0 ? "the root" : used)}"
                    )
            );
        Assert.Empty(offences);
    }

    [Fact]
    public void TheCheckSeesEveryWayToNameAnotherFolder()
    {
        string[] ways =
        [
            "using RsyncFs.Protocol.Messages;",
            "using Wire = RsyncFs.Protocol;",
            "var a = RsyncFs.Protocol.Purpose.Verify;",
            "Protocol.Purpose purpose;",
        ];
        Assert.All(ways, way => Assert.Equal(["Protocol"], UsedIn(way)));
        string[] rootWays =
        [
            "var options = new ReplicationOptions();",
            "void Run(ReplicationOptions options) { }",
            "Task<CycleReport> report;",
            "var mode = MatchMode.Auto;",
        ];
        Assert.All(rootWays, way => Assert.Equal([""], UsedIn(way)));
        Assert.Empty(
            UsedIn("enum Role { MatchMode = 1, CycleReport } record A(int MatchMode); int MatchMode => 1;")
        );
        Assert.Empty(UsedIn("// see RsyncFs.Protocol and ReplicationOptions\nvar a = \"Protocol.Purpose\";"));
    }

    [Fact]
    public void NoShippedFileIsLongerThan400Lines()
    {
        var tooLong = SourceTree
            .FilesOf("src")
            .Select(path => (Path: path, Lines: File.ReadLines(path).Count()))
            .Where(file => file.Lines > MaxLines);
        Assert.Empty(tooLong);
    }

    [Fact]
    public void EachFileDeclaresOneTypeNamedLikeTheFile()
    {
        var offences = SourceTree
            .FilesOf("src")
            .Select(path =>
                (
                    Path: Path.GetRelativePath(SourceTree.Root, path),
                    Name: Path.GetFileName(path).Split('.')[0],
                    Types: TypeDeclaration()
                        .Matches(File.ReadAllText(path))
                        .Select(match => match.Groups["name"].Value)
                )
            )
            .Where(file => !file.Types.SequenceEqual([file.Name], StringComparer.Ordinal))
            .Select(file => $"{file.Path} declares {string.Join(", ", file.Types)}");
        Assert.Empty(offences);
    }

    [Fact]
    public void ProjectsReferenceOnlyDownwards()
    {
        Assert.Empty(ReferencesOf("src/RsyncFs/RsyncFs.csproj"));
        Assert.Equal(["RsyncFs"], ReferencesOf("src/RsyncFs.Linux/RsyncFs.Linux.csproj"));
        Assert.Equal(["RsyncFs.Linux"], ReferencesOf("src/RsyncFs.Cli/RsyncFs.Cli.csproj"));
    }

    private static IEnumerable<string> ReferencesOf(string project) =>
        XDocument
            .Load(Path.Combine(SourceTree.Root, project))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

    /// <summary>The folder of the library that a file is in; empty for the root.</summary>
    private static string FolderOf(string path)
    {
        var parts = Path.GetRelativePath(Path.Combine(SourceTree.Root, "src/RsyncFs"), path).Split('/');
        return parts.Length == 1 ? "" : parts[0];
    }

    private static HashSet<string> UsedBy(string path) => UsedIn(File.ReadAllText(path));

    /// <summary>The folders that a text names, the root as "": by using, by full name, or by a name relative to RsyncFs.</summary>
    private static HashSet<string> UsedIn(string text)
    {
        var code = CommentOrString().Replace(text, "");
        var used = FullName()
            .Matches(code)
            .Select(match => match.Groups["folder"].Value)
            .ToHashSet(StringComparer.Ordinal);
        used.UnionWith(
            RelativeName()
                .Matches(code)
                .Where(match => IsTypeOf(match.Groups["folder"].Value, match.Groups["type"].Value))
                .Select(match => match.Groups["folder"].Value)
        );
        used.IntersectWith(MayUse.Keys);
        var types = TypeUse()
            .Matches(code)
            .Select(match => match.Groups["type"].Value)
            .ToHashSet(StringComparer.Ordinal);
        var rootFiles = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src/RsyncFs"), "*.cs");
        if (rootFiles.Any(file => types.Contains(Path.GetFileNameWithoutExtension(file))))
        {
            used.Add("");
        }

        return used;
    }

    private static bool IsTypeOf(string folder, string type) =>
        MayUse.ContainsKey(folder)
        && Directory
            .EnumerateFiles(
                Path.Combine(SourceTree.Root, "src/RsyncFs", folder),
                $"{type}.cs",
                SearchOption.AllDirectories
            )
            .Any();

    [GeneratedRegex(
        """//[^\n]*|/\*.*?\*/|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])+'""",
        RegexOptions.Singleline,
        MatchTimeoutMilliseconds
    )]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"\bRsyncFs\.(?<folder>\w+)", RegexOptions.None, MatchTimeoutMilliseconds)]
    private static partial Regex FullName();

    [GeneratedRegex(
        @"(?<![\w.])(?<folder>[A-Z]\w+)\.(?:Messages\.)?(?<type>[A-Z]\w+)",
        RegexOptions.None,
        MatchTimeoutMilliseconds
    )]
    private static partial Regex RelativeName();

    /// <summary>A word where a type stands, and not the name of a member: before a name, a dot, a bracket, or behind new.</summary>
    [GeneratedRegex(
        @"(?<![\w.])(?:(?<=\bnew )(?<type>[A-Z]\w+)|(?<type>[A-Z]\w+)(?=\??\s+[A-Za-z_]|\.[A-Z]|[<>?\[]))",
        RegexOptions.None,
        MatchTimeoutMilliseconds
    )]
    private static partial Regex TypeUse();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|readonly|partial|ref|unsafe) )*(?:class|record struct|record class|record|struct|interface|enum|delegate [\w<>?\[\]]+) (?<name>\w+)",
        RegexOptions.Multiline,
        MatchTimeoutMilliseconds
    )]
    private static partial Regex TypeDeclaration();
}
