using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>Images, copies of them, and a configuration with jobs, in a directory of their own.</summary>
internal sealed class JobScene : IDisposable
{
    /// <summary>Bytes of each image.</summary>
    public const int ImageBytes = 2 * 1024 * 1024;

    private static readonly RsyncFsProgram Program = new();

    private readonly TemporaryDirectory _directory = new();

    /// <summary>The state directory; nothing is there before the first run.</summary>
    public string State => _directory.At("state");

    /// <summary>The image of a name.</summary>
    public string Source(string name) => _directory.At($"{name}.img");

    /// <summary>The place of its copy.</summary>
    public string Copy(string name) => _directory.At($"{name}.copy");

    /// <summary>A path of a name of its own.</summary>
    public string At(string name) => _directory.At(name);

    /// <summary>Makes images with random bytes, and beside each a copy that has none yet.</summary>
    public void Make(params string[] names)
    {
        foreach (var (index, name) in names.Index())
        {
            Change(name, seed: index);
            File.WriteAllBytes(Copy(name), new byte[ImageBytes]);
        }
    }

    /// <summary>Gives an image other bytes.</summary>
    public void Change(string name, int seed)
    {
        var bytes = new byte[ImageBytes];
#pragma warning disable CA5394 // The same bytes for the same seed.
        new Random(seed).NextBytes(bytes);
#pragma warning restore CA5394
        if (!File.Exists(Source(name)))
        {
            File.WriteAllBytes(Source(name), bytes);
        }

        // In its place, as a device is written: the program may have it open.
        DeviceBytes.Write(Source(name), 0, bytes);
    }

    /// <summary>True if an image and a copy are the same.</summary>
    public bool AreSame(string source, string copy) =>
        DeviceBytes
            .Read(Source(source), 0, ImageBytes)
            .AsSpan()
            .SequenceEqual(DeviceBytes.Read(Copy(copy), 0, ImageBytes));

    /// <summary>Writes the configuration.</summary>
    public void Write(string text) => File.WriteAllText(_directory.At("rsyncfs.yaml"), text);

    /// <summary>Runs a verb with it, to its end.</summary>
    public Task<ProgramResult> RunAsync(params string[] words) => Program.RunAsync(Line(words));

    /// <summary>Starts a verb with it.</summary>
    public RunningProgram Start(params string[] words) => Program.Start(Line(words));

    /// <summary>Holds the lock of the only source, as a run does that is at work.</summary>
    public async Task<RunningProgram> HoldAsync()
    {
        var place = Directory
            .EnumerateFiles(Path.Combine(State, "sources"), "lock", SearchOption.AllDirectories)
            .Single();
        var holder = new RunningProgram(
            "flock",
            ["--no-fork", place, "sh", "-c", "echo held >&2; exec sleep 600"]
        );
        await holder.WaitForErrorLineAsync("held");
        return holder;
    }

    public void Dispose() => _directory.Dispose();

    private string[] Line(string[] words) => [.. words, "--config", _directory.At("rsyncfs.yaml")];
}
