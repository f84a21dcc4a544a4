namespace RsyncFs.Tests.Laboratory;

/// <summary>The room on the disk that a directory and all below it share.</summary>
internal sealed class DiskSpace
{
    /// <summary>Bytes that its files can have together.</summary>
    public long CapacityBytes { get; set; } = 1L << 40;
}
