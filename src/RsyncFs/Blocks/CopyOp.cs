namespace RsyncFs.Blocks;

/// <summary>Pages of a block that take bytes which the target holds somewhere else in its base generation.</summary>
/// <param name="FirstPage">The first page, in the block.</param>
/// <param name="PageCount">How many pages; the block's last may be short.</param>
/// <param name="BaseOffsetBytes">Where the bytes begin in generation N of the target: any byte offset.</param>
public readonly record struct CopyOp(int FirstPage, int PageCount, long BaseOffsetBytes);
