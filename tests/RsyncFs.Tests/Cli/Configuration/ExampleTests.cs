using System.Globalization;
using RsyncFs.Cli.Configuration;
using Xunit;

namespace RsyncFs.Tests.Cli.Configuration;

/// <summary>The files of docs/examples: those that can be used, and those that say of themselves what is wrong with them.</summary>
public sealed class ExampleTests
{
    private const string Mark = "# wrong: ";

    public static TheoryData<string> Valid => Files("docs/examples");

    public static TheoryData<string> Invalid => Files("docs/examples/invalid");

    [Theory]
    [MemberData(nameof(Valid))]
    public void AnExampleCanBeUsedAndIsShownAsItReads(string name)
    {
        using var scene = new ConfigScene();
        scene.Write(File.ReadAllText(SourceFile(name)));
        var config = scene.Load();
        var shown = ConfigPrinter.Print(config, config.Jobs, withDefaults: true);
        scene.Write(shown);
        var again = scene.Load();
        Assert.Equal(shown, ConfigPrinter.Print(again, again.Jobs, withDefaults: true));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void WhatIsWrongIsSaidOfEachLineAndOfNoOther(string name)
    {
        using var scene = new ConfigScene();
        var text = File.ReadAllText(SourceFile(name));
        scene.Write(text);
        var expected = text.Split('\n')
            .Index()
            .Where(line => line.Item.Contains(Mark, StringComparison.Ordinal))
            .SelectMany(line =>
                line.Item[(line.Item.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]
                    .Split("; ")
                    .Select(fault =>
                        string.Create(CultureInfo.InvariantCulture, $"rsyncfs.yaml:{line.Index + 1} {fault}")
                    )
            )
            .ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, scene.Faults().Select(WithoutColumn));
    }

    // FILE:LINE:COLUMN FAULT
    private static string WithoutColumn(string fault)
    {
        var end = fault.IndexOf(' ', StringComparison.Ordinal);
        return fault[..fault.LastIndexOf(':', end)] + fault[end..];
    }

    private static TheoryData<string> Files(string folder) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(SourceTree.Root, folder), "*.yaml")
                .Select(path => Path.GetRelativePath(SourceTree.Root, path))
                .Order(StringComparer.Ordinal),
        ];

    private static string SourceFile(string name) => Path.Combine(SourceTree.Root, name);
}
