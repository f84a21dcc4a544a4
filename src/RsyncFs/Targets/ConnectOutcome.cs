namespace RsyncFs.Targets;

/// <summary>What follows when a sender meets a target: how they go on together, or why they must not. See <see cref="ConnectRules"/>.</summary>
public enum ConnectOutcome
{
    /// <summary>The target holds nobody's copy. Whether it may take one is for its receiver to say.</summary>
    FirstCopy = 1,

    /// <summary>The target is exactly the generation that the sender knows it to be at.</summary>
    Incremental,

    /// <summary>As <see cref="Incremental"/>, at the generation that the sender proposed: only its acknowledgement was lost.</summary>
    AdvanceCursor,

    /// <summary>The target has no writes of its own that must be kept, but the sender does not know what it holds.</summary>
    Compare,

    /// <summary>The target is bound to a new sender, and compared.</summary>
    TakeOver,

    /// <summary>Refused: the target is a copy of another volume.</summary>
    Unrelated,

    /// <summary>Refused: the target belongs to a volume, and the sender has no state that says which is its own.</summary>
    WithoutState,

    /// <summary>Refused: the target was promoted, and the sender knows of no promotion of its own side.</summary>
    Promoted,

    /// <summary>Refused: both sides have writes that the other never had.</summary>
    SplitBrain,

    /// <summary>Refused: the target has followed a newer primary.</summary>
    StaleSender,

    /// <summary>Refused: the sender claims an epoch to which no promotes have brought it.</summary>
    EpochAhead,

    /// <summary>Refused: the target is at a later generation of the same line.</summary>
    SenderBehind,

    /// <summary>Refused: a committed generation could not be applied.</summary>
    Faulted,

    /// <summary>Refused: the device was given up.</summary>
    Released,
}
