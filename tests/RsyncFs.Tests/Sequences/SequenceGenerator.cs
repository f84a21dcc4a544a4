using FsCheck;
using FsCheck.Fluent;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Protocol;

namespace RsyncFs.Tests.Sequences;

/// <summary>Random sequences, and how a failing one is made shorter.</summary>
internal static class SequenceGenerator
{
    private const int MostMessages = 40;
    private const int Values = 1024;

    /// <summary>Sessions in which one end is wrong.</summary>
    public static Arbitrary<Sequence> Of(ProtocolRole role) =>
        Arb.From(
            from scene in Gen.Choose(0, Scenes.All.Count - 1)
            from edits in Edits(Gen.Constant(role))
            from isSettled in OneIn(2)
            from isSilent in OneIn(12)
            select new Sequence(scene, edits, isSettled, isSilent),
            sequence => sequence.Shrink()
        );

    /// <summary>Sessions of two honest ends, between which somebody meddles.</summary>
    public static Arbitrary<Sequence> OfBoth() =>
        Arb.From(
            from scene in Gen.Choose(0, Scenes.All.Count - 1)
            from edits in Edits(Gen.Elements(ProtocolRole.Sender, ProtocolRole.Receiver))
            select new Sequence(scene, edits),
            sequence => sequence.Shrink()
        );

    private static Gen<List<Edit>> Edits(Gen<ProtocolRole> ends) =>
        Gen.Elements(1, 1, 1, 2, 2, 3, 6)
            .SelectMany(count => Gen.ListOf(EditOf(ends), count))
            .Select(edits => edits.ToList());

    private static Gen<Edit> EditOf(Gen<ProtocolRole> ends) =>
        from end in ends
        from kind in Kinds
        from at in Gen.Choose(0, MostMessages - 1)
        from which in Gen.Choose(0, MostMessages - 1)
        from value in Gen.Choose(0, Values - 1)
        select new Edit(end, kind, at, which, value);

    // A lie has more ways to be told than all others together.
    private static Gen<EditKind> Kinds =>
        Gen.Frequency((8, Gen.Constant(EditKind.Lie)), (9, Gen.Elements(Enum.GetValues<EditKind>())));

    private static Gen<bool> OneIn(int times) => Gen.Choose(1, times).Select(number => number == 1);
}
