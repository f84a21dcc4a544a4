using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>A sender with many jobs, and the receivers to which they go, each one, two or all of them, on another machine.</summary>
internal sealed class MonthScene : IAsyncDisposable
{
    /// <summary>Bytes of each image.</summary>
    public const int ImageBytes = 1024 * 1024;

    private const int JobCount = 40;
    private const int ReceiverCount = 3;
    private const int FirstPort = 8731;

    // No job needs so many that is not stuck: what stands in its way is mended before.
    private const int AttemptCount = 60;
    private static readonly TimeSpan AttemptInterval = TimeSpan.FromSeconds(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly string[] _names;

    /// <summary>Makes it; nobody runs yet.</summary>
    public MonthScene(Random random)
    {
        foreach (var name in (string[])["sources", "events", "temporary"])
        {
            Directory.CreateDirectory(_directory.At(name));
        }

        Dictionary<string, string> addresses = [];
        for (var receiver = 0; receiver < ReceiverCount; receiver++)
        {
            addresses.Add($"r{receiver + 1}", $"{NetworkPair.ReceiverAddress}:{FirstPort + receiver}");
        }

        Jobs =
        [
            .. Enumerable.Range(0, JobCount).Select(number => MakeJob(number, [.. addresses.Keys], random)),
        ];
        _names = [.. Jobs.Select(job => job.Name)];
        var program = Network.Receiver.After("env", $"TMPDIR={Temporary}");
        Receivers =
        [
            .. addresses.Select(address => new MonthReceiver(program, address.Key, address.Value, Jobs)),
        ];
        Config = new MonthConfig(
            _directory.At("sender.yaml"),
            State,
            addresses.ToDictionary(
                address => address.Key,
                address => $"rsyncfs+tcp://{address.Value}",
                StringComparer.Ordinal
            ),
            Jobs
        );
        Config.Write();
        Loop = new MonthLoop(
            Network.Sender.After("env", $"TMPDIR={Temporary}"),
            Config.Path,
            State,
            _directory.At("events")
        );
    }

    /// <summary>The link between the two machines.</summary>
    public NetworkPair Network { get; } = new();

    /// <summary>All jobs, in the configuration or not.</summary>
    public IReadOnlyList<MonthJob> Jobs { get; }

    /// <summary>All receivers, running or not.</summary>
    public IReadOnlyList<MonthReceiver> Receivers { get; }

    /// <summary>What the loop reads.</summary>
    public MonthConfig Config { get; }

    /// <summary>The loop.</summary>
    public MonthLoop Loop { get; }

    private string State => _directory.At("state");

    private string Temporary => _directory.At("temporary");

    /// <summary>Starts all.</summary>
    public async Task StartAsync()
    {
        foreach (var receiver in Receivers)
        {
            await receiver.StartAsync();
        }

        await Loop.StartAsync();
    }

    /// <summary>Has every job do one cycle more that ends as it should, to all of its receivers.</summary>
    /// <exception cref="InvalidOperationException">One does not come to that.</exception>
    public async Task ConvergeAsync()
    {
        ProgramResult? said = null;
        for (var attempt = 0; attempt < AttemptCount; attempt++)
        {
            said = await Loop.AskAsync(["trigger", .. _names, "--wait", "--timeout", "5m"]);
            if (said.ExitCode == 0)
            {
                return;
            }

            await Task.Delay(AttemptInterval, TestContext.Current.CancellationToken);
        }

        throw new InvalidOperationException($"a job is stuck: {said}");
    }

    /// <summary>Ends the work of all jobs until <see cref="GoOnAsync"/>. Each had its cycle, so none is at work.</summary>
    public async Task HoldAsync() => await InsistAsync(["pause", .. _names]);

    /// <summary>All jobs go on.</summary>
    public async Task GoOnAsync() => await InsistAsync(["resume", .. _names]);

    /// <summary>Fails unless each copy is its source.</summary>
    public void AssertSame()
    {
        foreach (var receiver in Receivers)
        {
            foreach (var job in receiver.Jobs)
            {
                Verdict.Same(job.Source, receiver.Copy(job));
            }
        }
    }

    /// <summary>Counts what there is.</summary>
    public async Task<MonthCensus> CountAsync()
    {
        var processes = await Task.WhenAll([
            ProcessCensus.TakeAsync("loop", Loop.Process!.Id),
            .. Receivers.Select(receiver => ProcessCensus.TakeAsync(receiver.Name, receiver.Process!.Id)),
        ]);
        var files = new MonthFiles();
        files.AddState(State);
        files.AddTemporary(Temporary);
        files.AddImages(_directory.At("sources"), JobCount);
        foreach (var receiver in Receivers)
        {
            files.AddState(receiver.State);
            files.AddImages(receiver.CopiesDirectory, receiver.Jobs.Count);
        }

        return new MonthCensus(processes, files.Count, files.Bytes, files.Strays);
    }

    /// <summary>Ends all by SIGTERM, and fails unless each has ended so, and nobody is left on either machine.</summary>
    /// <returns>What the receivers said.</returns>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        List<ProgramResult> ended = [await Loop.EndAsync(isKilled: false)];
        foreach (var receiver in Receivers)
        {
            ended.Add(await receiver.EndAsync(isKilled: false));
        }

        const int Terminated = 143;
        Assert.All(ended, end => Assert.True(end.ExitCode == Terminated, end.ToString()));
        Assert.Equal("", Command.Run("ip", "netns", "pids", Network.SenderName));
        Assert.Equal("", Command.Run("ip", "netns", "pids", Network.ReceiverName));
        return [.. ended.Skip(1).Select(end => end.Error)];
    }

    /// <summary>What the destinations wait for, as the loop says when it is asked, and the last words of all, for the report of a failure.</summary>
    public async Task<string> DescribeAsync()
    {
        if (Loop.Process is { HasExited: false } loop)
        {
            loop.Signal("USR1");
            await Task.Delay(AttemptInterval, CancellationToken.None);
        }

        const int LastLineCount = 20;
        return string.Join(
            '\n',
            [
                .. Loop.Events().Where(IsTelling).TakeLast(3 * JobCount),
                Loop.Process?.ErrorSoFar ?? "the loop is not there",
                .. Receivers.SelectMany(receiver =>
                    (receiver.Process?.ErrorSoFar.Split('\n') ?? ["is not there"])
                        .TakeLast(LastLineCount)
                        .Select(line => $"{receiver.Name}: {line}")
                ),
            ]
        );

        static bool IsTelling(string line) =>
            line.Contains("\"type\":\"waiting\"", StringComparison.Ordinal)
            || line.Contains("\"type\":\"error\"", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Loop.DisposeAsync();
        foreach (var receiver in Receivers)
        {
            await receiver.DisposeAsync();
        }

        Network.Dispose();
        _directory.Dispose();
    }

    private async Task InsistAsync(string[] words)
    {
        var said = await Loop.AskAsync(words);
        Assert.True(said.ExitCode == 0, said.ToString());
    }

    private MonthJob MakeJob(int number, string[] receivers, Random random)
    {
        var name = $"job{number:00}";
        var source = Path.Combine(_directory.At("sources"), name);
        var content = new byte[ImageBytes];
        random.NextBytes(content);
        File.WriteAllBytes(source, content);
        // To one, two or three of them, beginning with another one each time.
        var count = 1 + (number % receivers.Length);
        var first = random.Next(receivers.Length);
        return new MonthJob(
            name,
            source,
            [.. Enumerable.Range(first, count).Select(index => receivers[index % receivers.Length])]
        );
    }
}
