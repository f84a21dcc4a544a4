using RsyncFs.Blocks;
using RsyncFs.Cli.Configuration;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace RsyncFs.Tests.Cli.Configuration;

/// <summary>Compression by destination: the receiver's entry comes first, then the job, then the defaults.</summary>
public sealed class CompressionConfigTests
{
    private const string Text = """
        version: 1
        receivers:
          near: { url: "rsyncfs://near" }
          far: { url: "rsyncfs://far", compression: zstd:9 }
        defaults: { compression: lz4 }
        jobs:
          - { name: a, device: /dev/vg0/a, to: [near, far] }
          - { name: b, device: /dev/vg0/b, to: [near, far, /b.img], compression: none }
        """;

    [Fact]
    public void TheReceiverComesFirstThenTheJobThenTheDefaults()
    {
        var config = Read(Text);
        Assert.Equal([Compression.Lz4, Compression.Zstd(9)], Of(config.Jobs[0]));
        Assert.Equal([Compression.None, Compression.Zstd(9), Compression.None], Of(config.Jobs[1]));
    }

    [Fact]
    public void WhatIsReadIsPrintedSoThatItReadsTheSame()
    {
        var config = Read(Text);
        var whole = ConfigPrinter.Print(config, config.Jobs, withDefaults: false);
        Assert.Contains(
            "  far:\n    url: \"rsyncfs://far\"\n    compression: \"zstd:9\"\n",
            whole,
            StringComparison.Ordinal
        );
        var again = Read(whole);
        Assert.Equal(whole, ConfigPrinter.Print(again, again.Jobs, withDefaults: false));
        Assert.Equal(Of(config.Jobs[1]), Of(again.Jobs[1]));
    }

    [Theory]
    [InlineData("zstd", "receivers.far.compression: 'zstd' has no level")]
    [InlineData("zstd:22", "receivers.far.compression: 'zstd:22' has a level that there is not")]
    [InlineData("gzip", "receivers.far.compression: 'gzip' is not a value of --compression")]
    public void WhatIsNoneIsRefusedWithItsPlace(string word, string message)
    {
        var refused = Assert.Throws<ConfigException>(() =>
            Read(Text.Replace("zstd:9", word, StringComparison.Ordinal))
        );
        var fault = Assert.Single(refused.Errors);
        Assert.Equal(("/c.yaml:4:45", message), (fault.Where, fault.Message));
    }

    private static Config Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var faults = new ConfigFaults();
        var yaml = (YamlMappingNode)stream.Documents[0].RootNode;
        var place = new ConfigPlace("/c.yaml", 1, 1, "");
        var config = new ConfigReader().Read("/c.yaml", [new ConfigMap(place, yaml, faults)]);
        faults.ThrowIfAny(isStrict: true);
        return config;
    }

    private static List<Compression> Of(Job job) =>
        [.. job.To.Select(to => to.Compression ?? job.Options.Compression)];
}
