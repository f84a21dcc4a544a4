using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>A volume group with a source and a target of 64 MiB, and the program that replicates the one to the other.</summary>
internal sealed class LvmScene : IDisposable
{
    /// <summary>The name of the source in its group: one with characters that the device-mapper escapes.</summary>
    public const string SourceName = "db-01.data";

    private readonly TemporaryDirectory _directory = new();
    private readonly ITestOutputHelper _output;

    public LvmScene(ITestOutputHelper output, bool isThin, params string[] poolOptions)
    {
        _output = output;
        Group = new VolumeGroup(poolOptions);
        Source = Group.Make(SourceName, isThin);
        Target = Group.Make("copy", isThin: false);
    }

    public VolumeGroup Group { get; }

    /// <summary>The path of the source.</summary>
    public string Source { get; }

    /// <summary>The path of the target.</summary>
    public string Target { get; }

    /// <summary>The paths of the snapshots of the source.</summary>
    public IReadOnlyList<string> Snapshots =>
        [.. Group.SnapshotsOf(SourceName).Select(name => $"/dev/{Group.Name}/{name}")];

    /// <summary>What stands for the content of the target, read past the page cache.</summary>
    public string TargetHash() =>
        Command.Run("bash", "-c", $"dd if='{Target}' bs=1M iflag=direct status=none | sha256sum");

    /// <summary>A path of a name of its own.</summary>
    public string At(string name) => _directory.At(name);

    /// <summary>What a person would type.</summary>
    public string[] Line(params string[] options) =>
        ["sync", Source, Target, "--json", "--state", At("state"), .. options];

    /// <summary>Starts it.</summary>
    public static RunningProgram Start(string[] line) => new RsyncFsProgram().Start(line);

    /// <summary>Replicates, with success.</summary>
    public async Task<RunSummary> SyncAsync(params string[] options)
    {
        var result = await new RsyncFsProgram().RunOkAsync(Line(options));
        var summary = new RunSummary(RunEvents.Of(result, "summary").Single());
        _output.WriteLine(summary.ToString());
        return summary;
    }

    /// <summary>Replicates, and must fail with this; gives the error as text.</summary>
    public async Task<string> FailAsync(int exitCode, string id, params string[] options) =>
        AssertFailed(await new RsyncFsProgram().RunAsync(Line(options)), exitCode, id);

    /// <summary>Fails unless it failed with this; gives the error as text.</summary>
    public string AssertFailed(ProgramResult said, int exitCode, string id)
    {
        Assert.True(said.ExitCode == exitCode, said.ToString());
        var error = RunEvents.Of(said, "error")[^1];
        _output.WriteLine(error.ToString());
        Assert.Equal(id, error.GetProperty("id").GetString());
        return error.ToString();
    }

    public void Dispose()
    {
        Group.Dispose();
        _directory.Dispose();
    }
}
