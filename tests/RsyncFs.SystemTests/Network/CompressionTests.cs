using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Network;

/// <summary>Compression by destination, over a link whose counters are not ours: what travels, and what is said of it.</summary>
public sealed class CompressionTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const int LineMbit = 20;
    private const int SlowLineMbit = 6;

    [Fact]
    public async Task ZstdSendsFewerBytesThanLz4AndBothFewerThanNone()
    {
        using var network = new NetworkPair();
        network.LimitRate(LineMbit);
        var bytes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var word in (string[])["none", "lz4", "zstd:1", "zstd:9"])
        {
            var before = network.BytesToReceiver;
            var summary = await CopyAsync(network, 4 * MiB, "--compression", word);
            bytes[word] = network.BytesToReceiver - before;
            output.WriteLine($"{word}: {bytes[word]:N0} bytes on the link, {summary}");
            Assert.Equal(
                (word, "as asked"),
                (summary.Text("compression"), summary.Text("compression_reason"))
            );
        }

        Assert.True(bytes["lz4"] < bytes["none"] * 3 / 4, "lz4");
        Assert.True(bytes["zstd:1"] < bytes["lz4"] * 9 / 10, "zstd:1");
        Assert.True(bytes["zstd:9"] < bytes["zstd:1"], "zstd:9");
    }

    /// <summary>Less than a megabyte a second, and more than the buffers take: however busy the processor is, it is not the bottleneck.</summary>
    [Fact]
    public async Task AutoFindsThatASlowLinkIsTheBottleneckAndTakesZstd()
    {
        using var network = new NetworkPair();
        network.LimitRate(SlowLineMbit);
        using var images = new TemporaryDirectory();
        await using var scene = MakeScene(network, images, 24 * MiB);
        await scene.ServeAsync();
        var result = await scene.TrySyncAsync("--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        scene.AssertSame();
        var chosen = RunEvents
            .Of(result, "compression")
            .Select(happened => happened.GetProperty("chosen").GetString()!);
        var summary = new RunSummary(RunEvents.Of(result, "summary").Single());
        output.WriteLine($"{string.Join(", ", chosen)}; {summary.Text("compression_reason")}");
        Assert.Equal("lz4", chosen.First());
        Assert.StartsWith("zstd:", summary.Text("compression"), StringComparison.Ordinal);
        Assert.StartsWith(
            "the line is the bottleneck: the line takes ",
            summary.Text("compression_reason"),
            StringComparison.Ordinal
        );
    }

    /// <summary>Eight gibibytes a second are more than any processor compresses, and a quarter of a mebibyte less than a busy one; what is sent is too little to measure another line.</summary>
    [Theory]
    [InlineData("8GiB/s", "lz4", "the processor is the bottleneck: the limit is 8.6 GB/s")]
    [InlineData("256KiB/s", "zstd:", "the line is the bottleneck: the limit is 0.3 MB/s")]
    public async Task AutoTakesALimitForTheLine(string limit, string chosen, string reason)
    {
        using var network = new NetworkPair();
        var summary = await CopyAsync(network, 2 * MiB, "--bwlimit", limit);
        output.WriteLine($"{summary.Text("compression")}: {summary.Text("compression_reason")}");
        Assert.StartsWith(chosen, summary.Text("compression"), StringComparison.Ordinal);
        Assert.StartsWith(reason, summary.Text("compression_reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithVItIsSaidWhenItIsChosenAndInTheReport()
    {
        using var network = new NetworkPair();
        using var images = new TemporaryDirectory();
        await using var scene = MakeScene(network, images, 4 * MiB);
        await scene.ServeAsync();
        var result = await scene.TrySyncAsync("-v", "--compress", "zstd:3");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains(": compression zstd:3: as asked\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("\n  codec    zstd:3: as asked\n", result.Output, StringComparison.Ordinal);
    }

    /// <summary>A machine without the library: all goes on by LZ4, and what is missing is said at the end that asked.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WithoutTheLibraryItIsLz4AndThatIsSaid(bool isMissingAtReceiver)
    {
        using var images = new TemporaryDirectory();
        var (source, target) = MakeImages(images, 4 * MiB);
        var without = WithoutZstd(images);
        await using var receiver = await (isMissingAtReceiver ? without : new RsyncFsProgram()).ServeAsync([
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"db01={target},init",
            "--state",
            images.At("receiver"),
        ]);
        string[] line =
        [
            "sync",
            source,
            $"rsyncfs+tcp://127.0.0.1:{await receiver.PortAsync()}/db01",
            "--state",
            images.At("sender"),
        ];
        var sender = isMissingAtReceiver ? new RsyncFsProgram() : without;
        var copied = await sender.RunAsync([.. line, "--compression", "zstd:3"]);
        Assert.True(copied.ExitCode == 0, copied.ToString());
        Verdict.Same(source, target);
        Assert.Contains(
            isMissingAtReceiver
                ? "warning: compression zstd:3 was asked for, and lz4 is used: the receiver has no zstd"
                : "warning: compression zstd:3 was asked for, and lz4 is used: this end has no zstd (libzstd.so.1; apt-get install libzstd1)",
            copied.Error,
            StringComparison.Ordinal
        );

        // Nobody asked for it, and nobody is warned.
        var again = await sender.RunAsync([.. line, "--json", "--plan", "full"]);
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Empty(RunEvents.Of(again, "warning"));
        Assert.Equal("lz4", new RunSummary(RunEvents.Of(again, "summary").Single()).Text("compression"));
    }

    /// <summary>rsyncfs where the library is an empty file, in a mount namespace of its own.</summary>
    private static RsyncFsProgram WithoutZstd(TemporaryDirectory directory)
    {
        var library = Command
            .Run("ldconfig", "-p")
            .Split('\n')
            .First(line => line.Contains("libzstd.so.1 ", StringComparison.Ordinal))
            .Split("=> ")[1]
            .Trim();
        var empty = directory.At("empty");
        File.WriteAllBytes(empty, []);
        return new RsyncFsProgram(
            "unshare",
            "--mount",
            "sh",
            "-c",
            $"mount --bind {empty} $(readlink -f {library}) && exec \"$@\"",
            "sh"
        );
    }

    private async Task<RunSummary> CopyAsync(NetworkPair network, int bytes, params string[] options)
    {
        using var images = new TemporaryDirectory();
        await using var scene = MakeScene(network, images, bytes);
        await scene.ServeAsync();
        var summary = await scene.SyncAsync(options);
        scene.AssertSame();
        return summary;
    }

    private static ReplicationScene MakeScene(NetworkPair network, TemporaryDirectory images, int bytes)
    {
        var (source, target) = MakeImages(images, bytes);
        return new ReplicationScene(source, target, network);
    }

    private static (string Source, string Target) MakeImages(TemporaryDirectory images, int bytes)
    {
        var source = Images.Make(images, "source.img", bytes);
        File.WriteAllBytes(source, Text(bytes));
        return (source, Images.Make(images, "target.img", bytes));
    }

    /// <summary>Words, the frequent ones often, in no order: what a log or a table looks like to a compressor.</summary>
    private static byte[] Text(int bytes)
    {
#pragma warning disable CA5394 // The same bytes for the same seed.
        var random = new Random(11);
        var words = Enumerable
            .Range(0, 2000)
            .Select(_ => Enumerable.Range(0, random.Next(2, 10)).Select(_ => (byte)random.Next('a', 'z' + 1)))
            .Select(letters => (byte[])[.. letters, (byte)' '])
            .ToList();
        var text = new byte[bytes];
        for (var at = 0; at < bytes; )
        {
            var word = words[(int)(words.Count * Math.Pow(random.NextDouble(), 3))];
#pragma warning restore CA5394
            var part = word.AsSpan(0, Math.Min(word.Length, bytes - at));
            part.CopyTo(text.AsSpan(at));
            at += part.Length;
        }

        return text;
    }
}
