namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>One event at one node; of a cycle, the node is the sender. Without a node, every job there is runs, first A's.</summary>
internal readonly record struct ModelStep(ModelEvent Event, bool? AtA)
{
    public override string ToString() => AtA is { } atA ? $"{Event}({(atA ? 'A' : 'B')})" : $"{Event}";
}
