namespace RsyncFs.Devices;

/// <summary>Which end of a replication a device is; decides whose error a failure is.</summary>
public enum DeviceRole
{
    /// <summary>Read, and never written.</summary>
    Source,

    /// <summary>Made equal to the source.</summary>
    Target,
}
