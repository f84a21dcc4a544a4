using RsyncFs.Devices;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs.Cli.Engine;

/// <summary>A source as a run has it. Disposing it closes it, unless others are at work on it.</summary>
internal interface ISourceEnd : IDisposable
{
    /// <summary>The source.</summary>
    IBlockDevice Device { get; }

    /// <summary>How it is made to stand still.</summary>
    ISnapshotProvider Snapshots { get; }

    /// <summary>What this sender remembers of it.</summary>
    SourceState State { get; }
}
