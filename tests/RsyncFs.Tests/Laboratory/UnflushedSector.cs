namespace RsyncFs.Tests.Laboratory;

/// <summary>A sector that was changed since the last flush.</summary>
/// <param name="Number">Which.</param>
/// <param name="Before">What it held; at its first change since the flush, what is durable.</param>
/// <param name="After">What it holds since.</param>
internal readonly record struct UnflushedSector(long Number, Sector Before, Sector After);
