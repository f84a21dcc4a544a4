using System.Globalization;
using RsyncFs.Blocks;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>A thin volume as a target: its zeros are no blocks of the pool, and are zeros all the same.</summary>
[Collection(VolumeGroup.Collection)]
public sealed class ThinTargetTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const int Size = 64 * MiB;
    private const int PoolBlock = 64 * 1024;

    private static readonly RsyncFsProgram Program = new();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task OnlyWhatIsNoZerosTakesRoomInThePoolAndTheNextCyclesBelieveTheirDigests()
    {
        using var group = new VolumeGroup();
        var target = group.Make("copy", isThin: true);
        new RandomContent(1).WriteTo(target, 0, Size);
        Assert.Equal(Size, Mapped(group));
        var source = _directory.At("source.img");
        Command.Run("truncate", "--size", $"{Size}", source);
        new RandomContent(2).WriteTo(source, 8 * MiB, 6 * MiB);
        new RandomContent(3).WriteTo(source, (40 * MiB) + 4096, 4096);

        Assert.Equal("full", (await SyncAsync(source, target, "--force")).Plan);
        Verdict.Same(source, target);
        Assert.Equal((6 * MiB) + PoolBlock, Mapped(group));

        using (var zeros = new FileStream(source, FileMode.Open))
        {
            zeros.Position = 10 * MiB;
            zeros.Write(new byte[2 * MiB]);
        }

        Assert.Equal("digest", (await SyncAsync(source, target)).Plan);
        Verdict.Same(source, target);
        Assert.Equal((4 * MiB) + PoolBlock, Mapped(group));

        var unchanged = await SyncAsync(source, target);
        Assert.True(unchanged is { Plan: "digest", IsUnchanged: true }, unchanged.ToString());

        // What somebody else gives back is counted as his write: so it is read, and found.
        Command.Run("blkdiscard", "--offset", $"{9 * MiB}", "--length", $"{MiB}", target);
        var found = await Program.RunAsync(Line(source, target));
        Assert.True(found.ExitCode == 8, found.ToString());
        Assert.Contains("\"target-diverged\"", found.Output, StringComparison.Ordinal);
        Assert.Equal("compare", (await SyncAsync(source, target)).Plan);
        Verdict.Same(source, target);
    }

    /// <summary>Zeros of any place and length, in a pool that zeroes new blocks, in one that does not, and in one that knows no discard.</summary>
    [Theory]
    [InlineData("-Zy", "passdown", true)]
    [InlineData("-Zn", "passdown", false)]
    [InlineData("-Zy", "ignore", false)]
    public void ZerosAreZerosAndNothingElseIsAndEachIsCounted(
        string zeroing,
        string discards,
        bool areGivenBack
    )
    {
        using var group = new VolumeGroup();
        Command.Run("lvchange", "-q", "-an", $"{group.Name}/pool");
        // It fails where there is nothing to change.
        Command.Try("lvchange", "-q", zeroing, $"{group.Name}/pool");
        Command.Try("lvchange", "-q", "--discards", discards, $"{group.Name}/pool");
        var path = group.Make("copy", isThin: true, size: "8m");
        var expected = new byte[8 * MiB];
        var random = new Random(4711);
        random.NextBytes(expected);

        using var device = LinuxBlockDevice.OpenTarget(path);
        device.Write(0, expected);
        for (var step = 0; step < 60; step++)
        {
            var before = device.ReadEvidence();
            var sectors = device.SectorsWritten;
            var offset = random.Next(expected.Length);
            var length = random.Next(1, Math.Min(expected.Length - offset, 20 * PoolBlock) + 1);
            if (step % 3 == 0)
            {
                var data = new byte[Math.Min(length, PoolBlock)];
                random.NextBytes(data);
                data.CopyTo(expected, offset);
                device.Write(offset, data);
            }
            else
            {
                Array.Clear(expected, offset, length);
                device.Zero(new Extent(offset, length));
            }

            Assert.True(
                device.ReadEvidence().Follows(before, device.SectorsWritten - sectors),
                $"step {step}: {length} at {offset}"
            );
        }

        var actual = new byte[expected.Length];
        device.Read(0, actual);
        Assert.True(expected.AsSpan().SequenceEqual(actual));

        device.Zero(new Extent(0, device.LengthBytes));
        device.Flush();
        Assert.Equal(areGivenBack ? 0 : device.LengthBytes, Mapped(group));
        device.Read(0, actual);
        Assert.True(Zeros.IsZero(actual));
    }

    private long Mapped(VolumeGroup group)
    {
        var line = Command
            .Run(
                "lvs",
                "--noheadings",
                "--units",
                "b",
                "--nosuffix",
                "-o",
                "lv_size,data_percent",
                $"{group.Name}/copy"
            )
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        output.WriteLine(string.Join(' ', line));
        var bytes = long.Parse(line[0], CultureInfo.InvariantCulture);
        var percent = double.Parse(line[1], CultureInfo.InvariantCulture);
        return (long)Math.Round(bytes / 100.0 * percent / PoolBlock) * PoolBlock;
    }

    private string[] Line(string source, string target, params string[] options) =>
        ["sync", source, target, "--json", "--state", _directory.At("state"), .. options];

    private async Task<RunSummary> SyncAsync(string source, string target, params string[] options)
    {
        var result = await Program.RunOkAsync(Line(source, target, options));
        var summary = new RunSummary(RunEvents.Of(result, "summary").Single());
        output.WriteLine(summary.ToString());
        return summary;
    }
}
