namespace RsyncFs.Blocks;

/// <summary>Whole blocks that become zeros. Their digests are known to both ends and do not travel.</summary>
public sealed record ZeroRun(long FirstBlock, long BlockCount) : DeltaRecord(FirstBlock, BlockCount);
