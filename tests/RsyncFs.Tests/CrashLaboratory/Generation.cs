using RsyncFs.Blocks;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>One state of the source, as its sender knows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Image">Every byte.</param>
/// <param name="Root">The root digest.</param>
internal sealed record Generation(Guid Id, byte[] Image, Digest Root);
