using Xunit;

namespace RsyncFs.Tests.Cli.Configuration;

/// <summary>Which files are a configuration, and what is none at all.</summary>
public sealed class ConfigFilesTests : IDisposable
{
    private readonly ConfigScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData("", "rsyncfs.yaml:1:1 the file says nothing")]
    [InlineData("- a\n", "rsyncfs.yaml:1:1 a configuration is keys and values")]
    [InlineData("version: 1\n---\nversion: 1\n", "rsyncfs.yaml:1:1 the file has several documents")]
    [InlineData("version:\njobs: []\n", "rsyncfs.yaml:1:9 version: it has no value")]
    [InlineData("jobs: []\n", "rsyncfs.yaml:1:1 'version' is missing")]
    [InlineData("version: 1\nversion: 1\n", "rsyncfs.yaml:2:1 not understood: duplicate key version")]
    [InlineData("version: 1\n\tjobs: []\n", "rsyncfs.yaml:1:10 not understood: while scanning")]
    [InlineData(
        "version: 1\njobs: {}\n",
        "rsyncfs.yaml:2:7 jobs: a list belongs here, and not keys and values"
    )]
    [InlineData("version: [1]\n", "rsyncfs.yaml:1:10 version: a text belongs here, and not a list")]
    public void WhatIsNoConfigurationIsSaidToBeNone(string text, string fault)
    {
        _scene.Write(text);
        Assert.StartsWith(fault, Assert.Single(_scene.Faults()), StringComparison.Ordinal);
    }

    /// <summary>Who reads YAML goes down into it by recursion, and two hundred thousand levels are more than a stack has.</summary>
    [Theory]
    [InlineData("[", 33)]
    [InlineData("{a: ", 129)]
    public void AFileThatIsTooDeepIsRefused(string level, int column)
    {
        _scene.Write(string.Concat(Enumerable.Repeat(level, 200_000)));
        Assert.Contains(
            _scene.Faults(),
            fault =>
                fault.StartsWith(
                    $"rsyncfs.yaml:1:{column} not understood: it is more than 32 deep",
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void FilesOfTheFolderBesideItAreReadInTheOrderOfTheirNames()
    {
        _scene.Write("version: 1\ndefaults: { interval: 7s }\n");
        _scene.WriteMore("20-web.yaml", "jobs: [{ name: web, device: /dev/vg0/web, to: [lab] }]\n");
        _scene.WriteMore("10-db.yaml", "jobs: [{ name: db01, device: /dev/vg0/db01, to: [lab] }]\n");
        _scene.WriteMore("receivers.yaml", "receivers: { lab: { url: rsyncfs://lab } }\n");
        _scene.WriteMore("README", "not read\n");
        var jobs = _scene.Load().Jobs;
        Assert.Equal(["db01", "web"], jobs.Select(job => job.Name));
        Assert.All(jobs, job => Assert.Equal(TimeSpan.FromSeconds(7), job.Options.Interval));

        _scene.WriteMore(
            "30-more.yaml",
            "state: /srv\njobs: [{ name: web, device: /dev/vg0/x, to: [lab] }]\n"
        );
        Assert.Equal(
            [
                "conf.d/30-more.yaml:1:1 unknown key 'state'",
                "conf.d/30-more.yaml:2:8 jobs[web]: there is a job 'web' already",
                "conf.d/30-more.yaml:2:8 jobs[web]: rsyncfs://lab:8730/web is written by another job already",
            ],
            _scene.Faults()
        );
    }

    [Theory]
    [InlineData("0666", "rsyncfs.yaml")]
    [InlineData("0777", ".")]
    public void WhatOthersCouldChangeIsNotRead(string mode, string what)
    {
        _scene.Write(ConfigScene.Small);
        var place = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(_scene.Path)!, what));
        File.SetUnixFileMode(place, (UnixFileMode)Convert.ToInt32(mode, fromBase: 8));
        Assert.Contains(
            "the configuration can not be used",
            Assert.Single(_scene.Faults()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ALinkToItIsFollowed()
    {
        _scene.Write(ConfigScene.Small);
        var elsewhere = _scene.Path + ".real";
        File.Move(_scene.Path, elsewhere);
        File.CreateSymbolicLink(_scene.Path, Path.GetFileName(elsewhere));
        Assert.Equal("db01", Assert.Single(_scene.Load().Jobs).Name);
    }

    [Fact]
    public void AMissingOneIsSaidToBeMissing() =>
        Assert.Equal(["there is no configuration"], _scene.Faults());
}
