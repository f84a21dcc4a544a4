using RsyncFs.Cli.Configuration;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace RsyncFs.Tests.Cli.Configuration;

/// <summary>What a configuration says about how fast may be sent: read, refused with its place, and printed.</summary>
public sealed class BandwidthConfigTests
{
    private const string Path = "/c.yaml";

    [Theory]
    [InlineData("100MiB/s", "    bwlimit: 100MiB/s\n")]
    [InlineData("off", "")]
    [InlineData(
        "\n      - { days: mon-fri, from: \"08:00\", to: \"19:00\", rate: 40Mbit/s }\n      - { rate: 200Mbit/s }",
        "    bwlimit:\n      - { days: mon-fri, from: \"08:00\", to: \"19:00\", rate: 40Mbit/s }\n      - { rate: 200Mbit/s }\n"
    )]
    [InlineData(
        "\n      - { rate: off, days: 'sat,sun' }\n      - rate: 1Gbit/s\n        to: 06:00\n        from: 22:00",
        "    bwlimit:\n      - { days: \"sat,sun\", rate: off }\n      - { from: \"22:00\", to: \"06:00\", rate: 1Gbit/s }\n"
    )]
    [InlineData("[{ rate: 1024KiB/s }]", "    bwlimit: 1MiB/s\n")]
    public void WhatIsReadIsPrintedSoThatItReadsTheSame(string text, string printed)
    {
        var config = Read(text);
        var whole = ConfigPrinter.Print(config, config.Jobs, withDefaults: false);
        Assert.Contains($"    url: \"rsyncfs://b\"\n{printed}jobs:\n", whole, StringComparison.Ordinal);
        var again = Read(Yaml(whole));
        Assert.Equal(whole, ConfigPrinter.Print(again, again.Jobs, withDefaults: false));
        Assert.Equal(config.Jobs[0].To[0].Rates.Rules, again.Jobs[0].To[0].Rates.Rules);
    }

    [Theory]
    [InlineData(
        "100",
        "/c.yaml:5:14",
        "receivers.b.bwlimit: rate '100' has no unit: are bits meant, or bytes?"
    )]
    [InlineData("40Mb/s", "/c.yaml:5:14", "receivers.b.bwlimit: rate '40Mb/s' has the unknown unit 'Mb/s'")]
    [InlineData("1KiB/s", "/c.yaml:5:14", "receivers.b.bwlimit: rate '1KiB/s' is below 64KiB/s, the least")]
    [InlineData("[]", "/c.yaml:5:14", "receivers.b.bwlimit: it is empty")]
    [InlineData(
        "{ rate: 40Mbit/s }",
        "/c.yaml:5:14",
        "receivers.b.bwlimit: a rate or a list of rules belongs here"
    )]
    [InlineData("[40Mbit/s]", "/c.yaml:5:15", "receivers.b.bwlimit[1]: a rule belongs here")]
    [InlineData("[{ days: mon }]", "/c.yaml:5:15", "receivers.b.bwlimit[1]: 'rate' is missing")]
    [InlineData(
        "[{ rate: 40Mbit/s, day: mon }]",
        "/c.yaml:5:33",
        "receivers.b.bwlimit[1]: unknown key 'day'"
    )]
    [InlineData(
        "[{ rate: 40Mbit/s, days: [mon] }]",
        "/c.yaml:5:39",
        "receivers.b.bwlimit[1].days: a text belongs here, and not a list"
    )]
    [InlineData(
        "[{ rate: 40Mbit/s, days: weekend }]",
        "/c.yaml:5:39",
        "receivers.b.bwlimit[1].days: 'weekend' is not a day of the week"
    )]
    [InlineData(
        "[{ rate: 40Mbit/s, from: 8, to: 19:00 }]",
        "/c.yaml:5:39",
        "receivers.b.bwlimit[1].from: '8' is not a time of the day"
    )]
    [InlineData(
        "[{ rate: 40Mbit/s, from: 08:00 }]",
        "/c.yaml:5:15",
        "receivers.b.bwlimit[1]: 'from' and 'to' belong together"
    )]
    [InlineData(
        "[{ rate: 40Mbit/s, from: 08:00, to: 08:00 }]",
        "/c.yaml:5:15",
        "receivers.b.bwlimit[1]: it begins when it ends"
    )]
    public void WhatCanNotBeUsedIsRefusedWhereItStands(string text, string where, string message)
    {
        var fault = Assert.Single(FaultsOf(text));
        Assert.Equal(where, fault.Where);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EverythingThatIsWrongIsSaidAtOnce() =>
        Assert.Equal(
            ["/c.yaml:6:17", "/c.yaml:7:17", "/c.yaml:7:24"],
            FaultsOf("\n      - { rate: 40, days: mon }\n      - { days: m, to: x, from: 09:00, rate: off }")
                .Select(fault => fault.Where)
        );

    [Fact]
    public void ARuleThatIsNeverReachedIsWarnedOf()
    {
        var faults = new ConfigFaults();
        Read(Yaml(WithLimit("[{ rate: 40Mbit/s }, { days: sat, rate: off }]")), faults);
        var warning = Assert.Single(faults.Warnings);
        Assert.Equal("/c.yaml:5:35", warning.Where);
        Assert.Contains("it is never reached", warning.Message, StringComparison.Ordinal);
        Assert.Contains("/c.yaml:5:15", warning.Hint, StringComparison.Ordinal);
        Assert.Throws<ConfigException>(() => faults.ThrowIfAny(isStrict: true));
    }

    private static IReadOnlyList<RsyncFs.Errors.RsyncFsException> FaultsOf(string text)
    {
        var faults = new ConfigFaults();
        Read(Yaml(WithLimit(text)), faults);
        return Assert.Throws<ConfigException>(() => faults.ThrowIfAny()).Errors;
    }

    private static Config Read(string text) => Read(Yaml(WithLimit(text)));

    private static Config Read(YamlMappingNode yaml)
    {
        var faults = new ConfigFaults();
        var config = Read(yaml, faults);
        faults.ThrowIfAny(isStrict: true);
        return config;
    }

    private static Config Read(YamlMappingNode yaml, ConfigFaults faults) =>
        new ConfigReader().Read(Path, [new ConfigMap(new ConfigPlace(Path, 1, 1, ""), yaml, faults)]);

    private static YamlMappingNode Yaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static string WithLimit(string text) =>
        $$"""
            version: 1
            receivers:
              b:
                url: rsyncfs://b
                bwlimit: {{text}}
            jobs:
              - { name: j, device: /dev/vg/j, to: [b] }
            """;
}
