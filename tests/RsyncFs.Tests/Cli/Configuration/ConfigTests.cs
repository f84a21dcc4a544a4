using System.Text.Json;
using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Cli.Configuration;

public sealed class ConfigTests : IDisposable
{
    // One text for each setting that is not what holds anyway.
    /// <summary>Of each setting another text than what would hold if nobody said anything.</summary>
    internal static IReadOnlyDictionary<string, string> Others { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["interval"] = "90s",
            ["min_rest"] = "500ms",
            ["rpo"] = "90s",
            ["laggard_limit"] = "3h",
            ["retry.first"] = "2s",
            ["retry.max"] = "2h",
            ["plan"] = "digest",
            ["block_size"] = "128KiB",
            ["hash"] = "sha256",
            ["match"] = "aligned",
            ["compression"] = "none",
            ["full_compare_every"] = "off",
            ["checkpoint_every"] = "3MiB",
            ["snapshot.type"] = "none",
            ["snapshot.cow_size"] = "12.5%",
            ["snapshot.keep_base"] = "false",
            ["snapshot.used_only"] = "true",
        };

    private readonly ConfigScene _scene = new();

    public void Dispose() => _scene.Dispose();

    public static TheoryData<string> Settings() => [.. JobSetting.All.Select(setting => setting.Key)];

    [Fact]
    public void AJobHasWhatItSaysAndElseWhatTheDefaultsSay()
    {
        _scene.Write(
            $$"""
            version: 1
            state: /srv/state
            identity: /srv/node.key
            peers_file: /srv/peers
            receivers:
              backup1: { url: "rsyncfs://backup1:9000", key: "{{ConfigScene.Key}}" }
              dr2: { url: rsyncfs+ssh://me@dr2, ssh_command: ssh -4, remote_rsyncfs: sudo rsyncfs }
              lab: { url: rsyncfs+tcp://10.1.2.3/, allow_plaintext: true }
            defaults:
              interval: 5m
              snapshot: { cow_size: 2GiB, used_only: true }
            jobs:
              - name: db01
                device: /dev/vg0/db01
                to: [backup1, { receiver: dr2, target: db01-dr }, lab]
                interval: 10s
                snapshot: { used_only: false }
              - name: web
                device: /dev/vg0/web,/dev/vg0/log
                to: [/backup/web.img]
            """
        );
        var config = _scene.Load();
        Assert.Equal(
            ("/srv/state", "/srv/node.key", "/srv/peers"),
            (config.StateDirectory, config.KeyPath, config.PeersPath)
        );
        var (first, second) = (config.Jobs[0], config.Jobs[1]);
        Assert.Equal(
            [
                "rsyncfs://backup1:9000/db01",
                "rsyncfs+ssh://me@dr2/db01-dr",
                "rsyncfs+tcp://10.1.2.3:8730/db01",
            ],
            first.To.Select(there => there.Where.ToString())
        );
        Assert.Equal(["backup1", "dr2", "lab"], first.To.Select(there => there.Name));
        Assert.Equal(ConfigScene.Key, first.To[0].Pin.ToString());
        Assert.Equal(["ssh", "-4"], first.To[1].Ssh.Program);
        Assert.Equal("sudo rsyncfs", first.To[1].Ssh.RemoteProgram);
        Assert.Equal([false, false, true], first.To.Select(there => there.AllowPlaintext));
        Assert.Equal(TimeSpan.FromSeconds(10), first.Options.Interval);
        Assert.False(first.Options.Snapshot.UsedOnly);
        Assert.Equal(2L << 30, first.Options.Snapshot.CowSpace.Bytes);
        Assert.Equal("/dev/vg0/web,/dev/vg0/log", second.Device);
        Assert.Equal(new LocalDestination("/backup/web.img"), second.To.Single().Where);
        Assert.Equal(TimeSpan.FromMinutes(5), second.Options.Interval);
        Assert.True(second.Options.Snapshot.UsedOnly);
    }

    [Fact]
    public void WithoutAWordAJobIsWhatSyncIs()
    {
        _scene.Write(ConfigScene.Small);
        var options = Assert.Single(_scene.Load().Jobs).Options;
        Assert.Equal(new JobOptions(), options);
        var sync = new ReplicationOptions { TargetName = "" };
        Assert.Equal(
            (sync.Plan, sync.BlockSizeBytes, sync.Hash, sync.Match, sync.Compression),
            (options.Plan, options.BlockSizeBytes, options.Hash, options.Match, options.Compression)
        );
        Assert.Equal(
            (sync.FullCompareEvery, sync.CheckpointBytes),
            (options.FullCompareEvery, options.CheckpointBytes)
        );
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void EverySettingIsReadAndPrintedAsItWasRead(string key)
    {
        var setting = JobSetting.All.Single(setting =>
            string.Equals(setting.Key, key, StringComparison.Ordinal)
        );
        var text = Others[key];
        var options = setting.Read(new JobOptions(), text);
        Assert.NotEqual(new JobOptions(), options);
        Assert.Equal(text, setting.Print(options));
        Assert.Equal([(key, text)], JobSetting.Said(options, withDefaults: false));
    }

    [Fact]
    public void WhatIsShownReadsTheSame()
    {
        _scene.Write(ConfigExample.Text);
        foreach (var withDefaults in new[] { false, true })
        {
            var config = _scene.Load();
            var shown = ConfigPrinter.Print(config, config.Jobs, withDefaults);
            _scene.Write(shown);
            var again = _scene.Load();
            Assert.Equal(shown, ConfigPrinter.Print(again, again.Jobs, withDefaults));
            Assert.Equal(config.Jobs.Select(job => job.Options), again.Jobs.Select(job => job.Options));
        }
    }

    [Fact]
    public void TheExampleOfTheManualIsTheOneThatIsPrinted() =>
        Assert.Equal(
            File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "examples", "sender.yaml")),
            ConfigExample.Text
        );

    [Fact]
    public void TheSchemaKnowsEachKeyThatIsReadAndNoOther()
    {
        using var schema = JsonDocument.Parse(ConfigSchema.Print());
        var job = schema.RootElement.GetProperty("properties").GetProperty("jobs").GetProperty("items");
        var known = new List<string>();
        foreach (var property in job.GetProperty("properties").EnumerateObject())
        {
            known.AddRange(
                property.Value.TryGetProperty("properties", out var inner)
                    ? inner.EnumerateObject().Select(key => $"{property.Name}.{key.Name}")
                    : [property.Name]
            );
        }

        Assert.Equal(
            JobSetting
                .All.Select(setting => setting.Key)
                .Concat(["name", "device", "to", "hooks"])
                .Order(StringComparer.Ordinal),
            known.Order(StringComparer.Ordinal)
        );
        Assert.False(job.GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public void AllThatIsWrongIsSaidAtOnceInTheOrderOfTheFile()
    {
        _scene.Write(
            """
            version: 2
            recievers: {}
            receivers:
              backup1: { url: rsyncfs://backup1/db, key: rfk1:nokey }
              Lab: { url: rsyncfs+tcp://lab, key: rfk1:nokey }
            defaults: { interval: 10 }
            jobs:
              - name: db01
                device: /dev/sda
                to: [backup2, lab]
                intervall: 10s
                <<: {}
                snapshot: { type: thick }
                retry: { first: 1m, max: 1s }
              - device: db.img
                to: backup1
            """
        );
        Assert.Equal(
            [
                "rsyncfs.yaml:1:10 version: this rsyncfs reads version 1, and not 2",
                "rsyncfs.yaml:2:1 unknown key 'recievers'",
                "rsyncfs.yaml:4:19 receivers.backup1.url: 'rsyncfs://backup1/db' is not the address of a receiver",
                "rsyncfs.yaml:5:8 receivers.Lab: 'Lab' is not a name",
                "rsyncfs.yaml:5:39 receivers.Lab.key: 'rfk1:nokey' is no key",
                "rsyncfs.yaml:5:39 receivers.Lab.key: it is for rsyncfs://",
                "rsyncfs.yaml:6:23 defaults.interval: length of time '10' has no unit",
                "rsyncfs.yaml:8:5 jobs[db01]: the first retry comes later than the last",
                "rsyncfs.yaml:9:13 jobs[db01].device: /dev/sda may be another device after the next start",
                "rsyncfs.yaml:10:10 jobs[db01].to[1]: there is no receiver 'backup2'",
                "rsyncfs.yaml:10:19 jobs[db01].to[2]: there is no receiver 'lab'",
                "rsyncfs.yaml:11:5 jobs[db01]: unknown key 'intervall'",
                "rsyncfs.yaml:12:5 jobs[db01]: unknown key '<<'",
                "rsyncfs.yaml:13:23 jobs[db01].snapshot.type: 'thick' is not a value of --snapshot",
                "rsyncfs.yaml:15:5 jobs[2]: 'name' is missing",
                "rsyncfs.yaml:15:13 jobs[2].device: 'db.img' is not an absolute path",
                "rsyncfs.yaml:16:9 jobs[2].to: a list belongs here, and not a text",
            ],
            _scene.Faults()
        );
    }

    [Fact]
    public void HooksAreReadShownAndInherited()
    {
        _scene.Write(
            """
            version: 1
            defaults:
              hooks:
                - { at: post_commit, run: [/bin/true], on_error: abort }
            jobs:
              - { name: a, device: /dev/vg0/a, to: [/b/a] }
              - name: b
                device: /dev/vg0/b
                to: [/b/b]
                hooks:
                  - { at: pre_snapshot, run: [/bin/freeze, "a b", "c\"d"], timeout: 2s, name: db }
                  - { at: post_snapshot, run: [/bin/thaw], name: db }
            """
        );
        var config = _scene.Load();
        var inherited = Assert.Single(config.Jobs[0].Options.Hooks);
        Assert.Equal((HookPoint.PostCommit, true, "true"), (inherited.At, inherited.Aborts, inherited.Name));
        var (freeze, thaw) = (config.Jobs[1].Options.Hooks[0], config.Jobs[1].Options.Hooks[1]);
        Assert.Equal(["/bin/freeze", "a b", "c\"d"], freeze.Run);
        Assert.Equal((TimeSpan.FromSeconds(2), true, "db"), (freeze.Timeout, freeze.Aborts, freeze.Name));
        Assert.Equal((TimeSpan.FromSeconds(30), false), (thaw.Timeout, thaw.Aborts));

        var shown = ConfigPrinter.Print(config, config.Jobs, withDefaults: false);
        _scene.Write(shown);
        var again = _scene.Load();
        Assert.Equal(shown, ConfigPrinter.Print(again, again.Jobs, withDefaults: false));
        Assert.Equal(freeze.Run, again.Jobs[1].Options.Hooks[0].Run);
    }

    [Fact]
    public void AllThatIsWrongWithHooksIsSaid()
    {
        _scene.Write(
            ConfigScene.Small
                + """
                    hooks:
                      - { at: before, run: [/bin/true] }
                      - { at: post_commit, run: sync }
                      - { at: post_commit, run: [sync], timeout: 0s }
                      - { run: [/bin/true], on_error: explode }
                      - { at: pre_snapshot, run: [/bin/true], name: db }
                      - { at: pre_snapshot, run: [/bin/true], name: db }
                      - { at: post_snapshot, run: [/bin/true], name: db }

                """
        );
        Assert.Equal(
            [
                "rsyncfs.yaml:7:15 jobs[db01].hooks[1].at: 'before' is not a value of at",
                "rsyncfs.yaml:8:33 jobs[db01].hooks[2].run: a list belongs here, and not a text",
                "rsyncfs.yaml:9:33 jobs[db01].hooks[3].run: 'sync' is not an absolute path",
                "rsyncfs.yaml:9:50 jobs[db01].hooks[3].timeout: '0s' is no time for a hook",
                "rsyncfs.yaml:10:9 jobs[db01].hooks[4]: 'at' is missing",
                "rsyncfs.yaml:10:39 jobs[db01].hooks[4].on_error: 'explode' is not a value of on_error",
                "rsyncfs.yaml:12:9 jobs[db01].hooks[6]: there is a hook 'db' at that point already",
            ],
            _scene.Faults()
        );
    }

    [Fact]
    public void JobsAreChosenByName()
    {
        _scene.Write(ConfigScene.Small + "  - { name: web, device: /dev/vg0/web, to: [/backup/web.img] }\n");
        var config = _scene.Load();
        Assert.Equal(["db01", "web"], config.Select([]).Select(job => job.Name));
        Assert.Equal(["web"], config.Select(["web"]).Select(job => job.Name));
        var wrong = Assert.Throws<RsyncFsException>(() => config.Select(["web", "bd01"]));
        Assert.Equal((ErrorId.Usage, "did you mean 'db01'?"), (wrong.Id, wrong.Hint));
    }

    [Fact]
    public void AJobOfTheTableHasOneTextForEachSetting() =>
        Assert.Equal(
            Others.Keys.Order(StringComparer.Ordinal),
            JobSetting.All.Select(setting => setting.Key).Order(StringComparer.Ordinal)
        );

    [Fact]
    public void PlansAndBlocksAreThoseOfTheEngine()
    {
        var options = JobSetting.All.Aggregate(
            new JobOptions(),
            (so, setting) => setting.Read(so, Others[setting.Key])
        );
        Assert.Equal(
            (Plan.Digest, 131072, HashAlgorithmId.Sha256),
            (options.Plan!.Value, options.BlockSizeBytes!.Value, options.Hash!.Value)
        );
    }
}
