using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary>What <c>run</c> was asked to do.</summary>
internal sealed record RunRequest
{
    /// <summary>What the configuration says.</summary>
    public required Config Config { get; init; }

    /// <summary>The jobs, at least one.</summary>
    public required IReadOnlyList<Job> Jobs { get; init; }

    /// <summary>Where this machine keeps its state.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>This machine's key, and whom it knows.</summary>
    public required KeyFiles Keys { get; init; }

    /// <summary><c>loop</c>: where it is asked to do this or that.</summary>
    public string SocketPath { get; init; } = "";

    /// <summary>Jobs that are at work at a time.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>True if nothing is to be written.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>How fast may be sent to each receiver, whatever the configuration says; null if that holds.</summary>
    public RateSchedule? Rates { get; init; }

    /// <summary>What all jobs together may take; null for what they need.</summary>
    public RunBudget? Budget { get; init; }

    /// <summary>What becomes of a job that another run is at work on.</summary>
    public BusyPolicy IfRunning { get; init; } = BusyPolicy.Fail;

    /// <summary>How long <see cref="BusyPolicy.Wait"/> waits.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);
}
