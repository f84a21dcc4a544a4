using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>How the pages of one block that need content get it. No page is in both halves.</summary>
/// <param name="Copies">Copy ops, in page order.</param>
/// <param name="LiteralPages">The pages that no copy covers.</param>
public readonly record struct CopyPlan(IReadOnlyList<CopyOp> Copies, PageBitmap LiteralPages);
