using System.CommandLine;
using RsyncFs.Blocks;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Configuration;
using RsyncFs.Errors;
using RsyncFs.Tests.Cli.Configuration;
using Xunit;

namespace RsyncFs.Tests.Cli.Jobs;

/// <summary>Whatever the configuration says of a job can be said on the line, where it comes first.</summary>
public sealed class SettingOptionsTests : IDisposable
{
    private readonly ConfigScene _scene = new();

    public static TheoryData<string> Keys() => [.. JobSetting.All.Select(setting => setting.Key)];

    public void Dispose() => _scene.Dispose();

    [Theory]
    [MemberData(nameof(Keys))]
    public void EverySettingIsALongOptionOfALoopAndOfARunWhereItMeansSomething(string key)
    {
        _scene.Write(ConfigScene.Small);
        var text = ConfigTests.Others[key];
        string[] said = key is "snapshot.keep_base" or "snapshot.used_only" ? [] : [text];
        string[] words = [SettingOptions.NameOf(key), .. said];
        Assert.Equal([(key, text)], SaidOf(Assert.Single(LoopJobs(words))));
        var isOfLoop = JobSetting
            .All.Single(one => string.Equals(one.Key, key, StringComparison.Ordinal))
            .IsOfLoop;
        foreach (var isPlan in new[] { false, true })
        {
            var (command, run) = Run(isPlan);
            if (isOfLoop)
            {
                Assert.DoesNotContain(
                    SettingOptions.NameOf(key),
                    command.Options.Select(option => option.Name)
                );
                continue;
            }

            var parsed = command.Parse([.. Line(), .. words]);
            Assert.Equal([(key, text)], SaidOf(Assert.Single(run.Bind(parsed).Jobs)));
        }
    }

    [Fact]
    public void TheLineComesBeforeWhatAJobAndAReceiverSay()
    {
        _scene.Write(
            """
            version: 1
            receivers: { far: { url: "rsyncfs://far", compression: zstd:9 } }
            jobs:
              - { name: a, device: /dev/vg0/a, to: [far, /b.img], compression: lz4, interval: 5s, plan: digest }
            """
        );
        var job = Assert.Single(LoopJobs("--compression", "none", "--interval", "1h"));
        Assert.Equal(
            (Compression.None, TimeSpan.FromHours(1)),
            (job.Options.Compression, job.Options.Interval)
        );
        Assert.Equal(Plan.Digest, job.Options.Plan);
        Assert.All(job.To, to => Assert.Null(to.Compression));

        var said = LoopJobs("--interval", "1h")[0];
        Assert.Equal(Compression.Zstd(9), said.To[0].Compression);
    }

    [Theory]
    [InlineData("'0s' is no time at all", "--interval", "0s")]
    [InlineData("'gzip' is not a value of --compression", "--compression", "gzip")]
    [InlineData("of job db01 the first retry comes later than the last", "--retry-first", "2m")]
    public void WhatMakesNoSenseIsRefused(string message, params string[] words)
    {
        _scene.Write(ConfigScene.Small);
        var refused = Assert.Throws<RsyncFsException>(() => LoopJobs(words));
        Assert.Equal((ErrorId.Usage, message), (refused.Id, refused.Message));
    }

    private static IEnumerable<(string Key, string Text)> SaidOf(Job job) =>
        JobSetting.Said(job.Options, withDefaults: false);

    private static (Command Command, RunCommand Run) Run(bool isPlan)
    {
        var run = new RunCommand(isPlan);
        return (run.Build(new OutputOptions(), new FakeTerminal().Terminal), run);
    }

    private IReadOnlyList<Job> LoopJobs(params string[] words)
    {
        var loop = new LoopCommand();
        var command = loop.Build(new OutputOptions(), new FakeTerminal().Terminal);
        return loop.Bind(command.Parse([.. Line(), "--all", .. words])).Jobs;
    }

    private string[] Line() => ["--config", _scene.Path, "--state", "/state"];
}
