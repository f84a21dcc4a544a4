using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>One of the receivers: its copies, its state on a small disk of its own, and the process that serves them.</summary>
internal sealed class MonthReceiver : IAsyncDisposable
{
    // Every target has a state file of 1 MiB; an eighth of this is in use, and no journal is larger than an image.
    private const long StateDiskBytes = 256L * 1024 * 1024;
    private const int PieceBytes = 64 * 1024;

    private readonly RsyncFsProgram _program;
    private readonly TemporaryDirectory _disk;
    private readonly TemporaryDirectory _copies = new();
    private readonly string _config;
    private readonly string _listen;

    /// <summary>Makes its copies, which have no content yet.</summary>
    public MonthReceiver(RsyncFsProgram program, string name, string listen, IReadOnlyList<MonthJob> jobs)
    {
        (_program, Name, _listen) = (program, name, listen);
        Jobs = [.. jobs.Where(job => job.Receivers.Contains(name, StringComparer.Ordinal))];
        _disk = TemporaryDirectory.OnTmpfs(StateDiskBytes);
        foreach (var job in Jobs)
        {
            Images.Make(_copies, job.Name, MonthScene.ImageBytes);
        }

        _config = _disk.At("receiver.yaml");
        File.WriteAllLines(
            _config,
            [
                "version: 1",
                "targets:",
                .. Jobs.Select(job => $"  - {{ name: {job.Name}, device: {Copy(job)}, init: allow }}"),
            ]
        );
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The jobs that send to it.</summary>
    public IReadOnlyList<MonthJob> Jobs { get; }

    /// <summary>Its state directory.</summary>
    public string State => _disk.At("state");

    /// <summary>Where its copies are, and nothing else.</summary>
    public string CopiesDirectory => _copies.Path;

    /// <summary>The process; null while there is none.</summary>
    public RunningProgram? Process { get; private set; }

    private string Ballast => _disk.At("ballast");

    /// <summary>The copy of a job.</summary>
    public string Copy(MonthJob job) => _copies.At(job.Name);

    /// <summary>Starts it, and waits until it serves.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; the message has what it said.</exception>
    public async Task StartAsync() =>
        Process = await _program.ServeAsync(
            "--config",
            _config,
            "--listen",
            _listen,
            "--state",
            State,
            "--allow-plaintext",
            "--keep-free",
            "1MiB"
        );

    /// <summary>Ends it, by kill -9 or by SIGTERM.</summary>
    public async Task<ProgramResult> EndAsync(bool isKilled)
    {
        if (isKilled)
        {
            Process!.Kill();
        }

        var ended = isKilled ? await Process!.WaitAsync() : await Process!.StopAsync();
        await Process.DisposeAsync();
        Process = null;
        return ended;
    }

    /// <summary>A verb of <c>rsyncfs target</c> for the target of a job.</summary>
    public Task<ProgramResult> TargetAsync(MonthJob job, params string[] verb) =>
        new RsyncFsProgram().RunAsync(["target", .. verb, job.Name, "--state", State]);

    /// <summary>Takes all that is free on the disk of its state.</summary>
    public void FillDisk()
    {
        using var file = File.OpenHandle(Ballast, FileMode.Create, FileAccess.Write);
        var piece = new byte[PieceBytes];
        try
        {
            for (var offset = 0L; offset <= StateDiskBytes; offset += PieceBytes)
            {
                RandomAccess.Write(file, piece, offset);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    /// <summary>Gives it back.</summary>
    public void FreeDisk() => File.Delete(Ballast);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        _copies.Dispose();
        _disk.Dispose();
    }
}
