namespace RsyncFs.Blocks;

/// <summary>One record of a delta: what becomes of a block, or of a run of blocks. Either a <see cref="BlockChange"/> or a <see cref="ZeroRun"/>.</summary>
/// <param name="FirstBlock">The first block that the record is about.</param>
/// <param name="BlockCount">How many blocks it is about.</param>
public abstract record DeltaRecord(long FirstBlock, long BlockCount);
