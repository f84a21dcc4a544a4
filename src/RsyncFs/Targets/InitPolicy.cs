namespace RsyncFs.Targets;

/// <summary>Whether a target that holds nobody's copy may take a first one. Said on the receiver's side only.</summary>
public enum InitPolicy
{
    /// <summary>No first copy.</summary>
    Refused,

    /// <summary>A first copy, if the device bears no known signature.</summary>
    Allowed,

    /// <summary>A first copy onto whatever is there, and a new sender in place of the old one.</summary>
    Overwrite,
}
