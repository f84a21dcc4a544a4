using System.Text.Json.Serialization;

namespace RsyncFs.Cli.Json;

/// <summary>What is asked of the receiver of this machine, or of its loop.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ControlVerb>))]
internal enum ControlVerb
{
    /// <summary>All targets, in short.</summary>
    List,

    /// <summary>One target, in full.</summary>
    Show,

    /// <summary>Take a device in as a copy that is to be compared.</summary>
    Adopt,

    /// <summary>Make it the primary.</summary>
    Promote,

    /// <summary>Make a primary a replica again.</summary>
    Demote,

    /// <summary>Make a primary's device the source for the other direction.</summary>
    Reverse,

    /// <summary>Give its device up.</summary>
    Release,

    /// <summary>Take the device's present size for the target's.</summary>
    Resize,

    /// <summary>Give it another name.</summary>
    Rename,

    /// <summary>No question: from here on the connection is the session of a sender for whom the caller speaks.</summary>
    Session,

    /// <summary>Of a loop: begin a cycle of the jobs now.</summary>
    Trigger,

    /// <summary>Of a loop: begin no cycle of the jobs, for a while or until <see cref="Resume"/>.</summary>
    Pause,

    /// <summary>Of a loop: go on with the jobs.</summary>
    Resume,

    /// <summary>Of a loop: send so fast at most, until the loop ends or is told otherwise.</summary>
    Limit,

    /// <summary>Of no target: read again who is known, and end the sessions of those that have lost a right.</summary>
    ReloadPeers,
}
