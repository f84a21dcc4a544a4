namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>What may happen to the two machines. A node's events concern A or B (<see cref="ModelStep"/>).</summary>
internal enum ModelEvent
{
    /// <summary>A cycle from this node to the other, acknowledged.</summary>
    Sync,

    /// <summary>A cycle whose acknowledgement is lost.</summary>
    SyncUnacknowledged,

    /// <summary>A cycle that is cut just before the commit.</summary>
    SyncCut,

    /// <summary>Promote, without force.</summary>
    Promote,

    /// <summary>Promote, with force.</summary>
    ForcePromote,

    /// <summary>Demote.</summary>
    Demote,

    /// <summary>Adopt.</summary>
    Adopt,

    /// <summary>Adopt for a new sender.</summary>
    AdoptForNewSender,

    /// <summary>Release.</summary>
    Release,

    /// <summary>Make this primary the source.</summary>
    Reverse,

    /// <summary>Make this primary the source and the other node its target.</summary>
    ReverseBoth,

    /// <summary>A write by whoever uses the device.</summary>
    Write,

    /// <summary>The sender's state is put back to what it was one change before.</summary>
    RestoreSender,

    /// <summary>The sender's state is lost.</summary>
    LoseSender,
}
