namespace RsyncFs.Blocks;

/// <summary>What a target is: the states of the state machine in docs/FORMATS.md. The numbers stand in the state file and on the wire.</summary>
public enum TargetStatus : byte
{
    /// <summary>Never initialised: whatever the device holds is nobody's copy.</summary>
    Empty = 1,

    /// <summary>A first copy was begun and did not end: the device is inconsistent.</summary>
    Initializing = 2,

    /// <summary>It is one whole generation.</summary>
    Consistent = 3,

    /// <summary>The next generation is durable in the journal and can not be lost; the device may be anything between the two until it is applied.</summary>
    Committed = 4,

    /// <summary>An update in place was begun and did not end: the device is inconsistent.</summary>
    Direct = 5,

    /// <summary>A committed generation could not be applied: an I/O error that a person must look at.</summary>
    Faulted = 6,

    /// <summary>An audit or a comparison found that the device is not the generation it should be.</summary>
    Diverged = 7,

    /// <summary>Promoted: the device is given up, and whoever uses it is the primary.</summary>
    Primary = 8,

    /// <summary>A copy made by other means, or a demoted primary: what it holds is not known until it has been compared.</summary>
    Adopted = 9,

    /// <summary>The device is given up, and takes nothing more until it is adopted again.</summary>
    Released = 10,
}
