using RsyncFs.Fuzz.Targets;

namespace RsyncFs.Fuzz;

/// <summary>All that is fed.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FrameTarget(),
        new MessageTarget(),
        new ReceiverTarget(),
        new SenderTarget(),
        new JournalTarget(),
        new StateTarget(),
        new SourceTarget(),
        new RecordTarget(),
        new MapTarget(),
        new PatchTarget(),
        new CodecTarget(),
        new ChangeListTarget(),
        new PeersTarget(),
        new ConfigTarget(),
    ];
}
