namespace RsyncFs.Protocol;

/// <summary>What a session wants of a target; asked at open, so that rights can be checked there.</summary>
public enum Purpose : byte
{
    /// <summary>Make the target equal to the source.</summary>
    Replicate = 1,

    /// <summary>Say what replication would do; write nothing.</summary>
    Estimate = 2,

    /// <summary>Compare target and source, both read from the devices; write nothing.</summary>
    Verify = 3,
}
