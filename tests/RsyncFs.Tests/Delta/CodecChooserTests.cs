using RsyncFs.Delta;
using Xunit;

namespace RsyncFs.Tests.Delta;

/// <summary>Given what was measured, the choice is a plain calculation.</summary>
public sealed class CodecChooserTests
{
    private const double MB = 1e6;

    // What the four came to with pages of a database: 64 KiB at a time, one thread.
    private static readonly CodecFigures?[] Measured =
    [
        new CodecFigures(2.0, 700 * MB),
        new CodecFigures(2.8, 400 * MB),
        new CodecFigures(3.1, 200 * MB),
        new CodecFigures(3.4, 50 * MB),
    ];

    [Theory]
    // A tenth of a gigabit: whatever is denser brings more through.
    [InlineData(12.5, 3)]
    // One gigabit: the densest would keep the processor from the line.
    [InlineData(60, 2)]
    [InlineData(125, 1)]
    // Ten gigabit, and a loopback: the processor is the bottleneck.
    [InlineData(1250, 0)]
    [InlineData(5000, 0)]
    public void ASlowLineGetsWhatIsDenseAndAFastOneWhatIsFast(double lineMB, int expected)
    {
        var line = new LineRate(lineMB * MB, IsLimit: false);
        foreach (var current in Enumerable.Range(0, Measured.Length))
        {
            Assert.Equal(expected, CodecChooser.Choose(line, 2, Measured, current));
        }
    }

    [Fact]
    public void AFewPercentAreNotWorthTheProcessorNorAnotherMind()
    {
        var line = new LineRate(1 * MB, IsLimit: true);
        CodecFigures?[] alike =
        [
            new CodecFigures(2.00, 700 * MB),
            new CodecFigures(2.05, 400 * MB),
            new CodecFigures(2.08, 200 * MB),
        ];
        Assert.Equal(0, CodecChooser.Choose(line, 2, alike, current: 0));
        Assert.Equal(2, CodecChooser.Choose(line, 2, alike, current: 2));
    }

    [Fact]
    public void WhatDoesNotCompressIsLeftToTheCheapest()
    {
        CodecFigures?[] noise = [new CodecFigures(1, 4000 * MB), new CodecFigures(1, 900 * MB)];
        Assert.Equal(0, CodecChooser.Choose(new LineRate(1 * MB, false), 2, noise, current: 1));
    }

    [Fact]
    public void WhatWasNotMeasuredIsNotChosen()
    {
        CodecFigures?[] some = [new CodecFigures(2, 700 * MB), null, new CodecFigures(3, 200 * MB), null];
        Assert.Equal(2, CodecChooser.Choose(new LineRate(1 * MB, false), 2, some, current: 0));
    }

    [Fact]
    public void ASlowerProcessorTakesTheCheaper()
    {
        var line = new LineRate(60 * MB, IsLimit: false);
        Assert.Equal(2, CodecChooser.Choose(line, 2, Measured, current: 0));
        CodecFigures?[] slower =
        [
            .. Measured.Select(figures =>
                (CodecFigures?)(figures!.Value with { BytesPerSecond = figures.Value.BytesPerSecond / 6 })
            ),
        ];
        Assert.Equal(0, CodecChooser.Choose(line, 2, slower, current: 2));
    }

    [Theory]
    [InlineData(12.5, true)]
    [InlineData(5000, false)]
    public void TheBottleneckIsTheLesserOfTheTwo(double lineMB, bool isLine) =>
        Assert.Equal(
            isLine,
            CodecChooser.IsLineBound(new LineRate(lineMB * MB, IsLimit: false), 2, Measured[0]!.Value)
        );
}
