using RsyncFs.Blocks;
using RsyncFs.Targets;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>What the world outside has been told by one machine, and so what that machine may be after a crash.</summary>
internal sealed class Ledger
{
    private List<Outcome> _outcomes = [new Outcome(TargetStatus.Empty)];

    /// <summary>What the target may be.</summary>
    public IReadOnlyList<Outcome> Outcomes => _outcomes;

    /// <summary>The source as it was last sent, or is about to be.</summary>
    public required byte[] Source { get; set; }

    /// <summary>What the sender durably knows of its generations here.</summary>
    public SourceLineage Lineage { get; private set; } = SourceLineage.None;

    /// <summary>An epoch that was made known: the target's is never lower again.</summary>
    public ulong Epoch { get; set; }

    /// <summary>The journal limit at which a delta was refused as too large: that is not forgotten.</summary>
    public long OverflowLimitBytes { get; set; }

    /// <summary>True if bytes of the state rotted, or a write to it was lost or went astray: much is excused then, but no lie.</summary>
    public bool HasRot
    {
        get => field || DiskLies;
        set;
    }

    /// <summary>True while the disk may lose or misdirect writes to journal and map.</summary>
    public bool DiskLies { get; set; }

    /// <summary>True if somebody else wrote to the device: then it may be anything, but nothing remembered of it may be believed.</summary>
    public bool HasForeignWrite { get; set; }

    public Ledger Copy() =>
        new()
        {
            _outcomes = [.. _outcomes],
            Source = Source,
            Lineage = Lineage,
            Epoch = Epoch,
            OverflowLimitBytes = OverflowLimitBytes,
            HasRot = HasRot,
            DiskLies = DiskLies,
            HasForeignWrite = HasForeignWrite,
        };

    /// <summary>The sender remembers what it is about to make (C6).</summary>
    public void Propose(Guid generation) => Lineage = Lineage with { Proposed = generation };

    /// <summary>The sender has the receiver's word that the target is there.</summary>
    public void Acknowledge(Guid generation) =>
        Lineage = new SourceLineage(
            Lineage.Epoch,
            generation,
            Guid.Empty,
            SourceLineage.Push(generation, Lineage.Ancestors)
        );

    /// <summary>Something was begun that may end so, or not.</summary>
    public void MayBecome(Outcome outcome) => _outcomes.Add(outcome);

    /// <summary>It was said that the target is so: nothing else will do any more.</summary>
    public void Is(Outcome outcome) => _outcomes = [outcome];

    /// <summary>The outcome that fits a record; null if none does.</summary>
    public Outcome? Find(TargetRecord? record)
    {
        var status = record?.Status ?? TargetStatus.Empty;
        return _outcomes.Find(outcome =>
            outcome.Status == status
            && (outcome.Generation is null || outcome.Generation == record?.Generation)
        );
    }
}
