using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Targets;
using Xunit;

namespace RsyncFs.Tests.Targets;

public sealed class ConnectRulesTests
{
    private static readonly Volume Ours = new(
        Guid.NewGuid(),
        new StrongHash(HashAlgorithmId.XxHash128, 1),
        65536
    );
    private static readonly Volume Other = Ours with { Id = Guid.NewGuid() };
    private static readonly Guid Older = Guid.NewGuid();
    private static readonly Guid Parent = Guid.NewGuid();
    private static readonly Guid Current = Guid.NewGuid();
    private static readonly Guid Newer = Guid.NewGuid();
    private static readonly Guid Foreign = Guid.NewGuid();

    private static readonly SourceLineage AtCurrent = new(3, Current, Guid.Empty, [Parent, Older]);

    private static TargetRecord Record =>
        new()
        {
            Status = TargetStatus.Consistent,
            Volume = Ours,
            LengthBytes = 1 << 20,
            Epoch = 3,
            HighestEpoch = 3,
            Generation = Current,
            Ancestors = [Parent, Older],
        };

    public static TheoryData<string, ConnectOutcome> Senders =>
        new()
        {
            { "at its generation", ConnectOutcome.Incremental },
            { "that proposed its generation", ConnectOutcome.AdvanceCursor },
            { "that made its generation for another destination", ConnectOutcome.Compare },
            { "that went on since", ConnectOutcome.Compare },
            { "at its parent", ConnectOutcome.SenderBehind },
            { "at an older one", ConnectOutcome.SenderBehind },
            { "at its parent, which proposed something else", ConnectOutcome.SenderBehind },
            { "that proposed its parent and never heard of it", ConnectOutcome.SenderBehind },
            { "of another line", ConnectOutcome.SplitBrain },
            { "without a cursor", ConnectOutcome.SplitBrain },
            { "of a newer epoch, at its generation", ConnectOutcome.Incremental },
            { "of a newer epoch, from another line", ConnectOutcome.SplitBrain },
            { "of an older epoch, at its generation", ConnectOutcome.StaleSender },
            { "of an older epoch, from another line", ConnectOutcome.StaleSender },
        };

    private static SourceLineage SenderOf(string name) =>
        name switch
        {
            "at its generation" => AtCurrent,
            "that proposed its generation" => new(3, Parent, Current, [Older]),
            "that made its generation for another destination" => new(3, Guid.Empty, Guid.Empty, [Current]),
            "that went on since" => new(3, Newer, Guid.Empty, [Newer, Current, Parent]),
            "at its parent" => new(3, Parent, Guid.Empty, [Parent, Older]),
            "at an older one" => new(3, Older, Guid.Empty, []),
            "at its parent, which proposed something else" => new(3, Parent, Foreign, [Older]),
            "that proposed its parent and never heard of it" => new(3, Guid.Empty, Parent, []),
            "of another line" => new(3, Foreign, Guid.Empty, [Foreign, Parent, Older]),
            "without a cursor" => new(3, Guid.Empty, Guid.Empty, [Parent]),
            "of a newer epoch, at its generation" => AtCurrent with { Epoch = 4 },
            "of a newer epoch, from another line" => new(4, Foreign, Guid.Empty, [Foreign]),
            "of an older epoch, at its generation" => AtCurrent with { Epoch = 2 },
            "of an older epoch, from another line" => new(2, Foreign, Guid.Empty, []),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

    [Theory]
    [MemberData(nameof(Senders))]
    public void AWholeTargetMeetsASender(string name, ConnectOutcome expected) =>
        Assert.Equal(expected, Decide(SenderOf(name), Record));

    [Theory]
    [MemberData(nameof(Senders))]
    public void WhatHasToBeComparedIsComparedOrRefusedAsAWholeTargetIs(string name, ConnectOutcome whole)
    {
        var expected = whole.IsRefusal() ? whole : ConnectOutcome.Compare;
        Assert.Equal(expected, Decide(SenderOf(name), Record with { Status = TargetStatus.Diverged }));
        Assert.Equal(expected, Decide(SenderOf(name), Record with { Status = TargetStatus.Direct }));
        // Demoted, or resized: it still is at what its sender brought.
        Assert.Equal(expected, Decide(SenderOf(name), Record with { Status = TargetStatus.Adopted }));
    }

    [Theory]
    [MemberData(nameof(Senders))]
    public void AnUnfinishedFirstCopyIsComparedWithWhateverItsSenderHas(string name, ConnectOutcome whole)
    {
        var expected = whole == ConnectOutcome.StaleSender ? whole : ConnectOutcome.Compare;
        Assert.Equal(expected, Decide(SenderOf(name), Record with { Status = TargetStatus.Initializing }));
        var unknown = Record with { Status = TargetStatus.Adopted, Generation = Guid.Empty };
        Assert.Equal(expected, Decide(SenderOf(name), unknown));
    }

    [Theory]
    [MemberData(nameof(Senders))]
    public void NoSenderGetsAtADeviceThatWasGivenUpOrIsFaulted(string name, ConnectOutcome whole)
    {
        var sender = SenderOf(name);
        var fenced =
            whole == ConnectOutcome.StaleSender ? ConnectOutcome.Promoted : ConnectOutcome.SplitBrain;
        Assert.Equal(fenced, Decide(sender, Record with { Status = TargetStatus.Primary }));
        Assert.Equal(ConnectOutcome.Released, Decide(sender, Record with { Status = TargetStatus.Released }));
        Assert.Equal(ConnectOutcome.Faulted, Decide(sender, Record with { Status = TargetStatus.Faulted }));
    }

    [Fact]
    public void ATargetWithoutARecordIsForAFirstCopy() =>
        Assert.Equal(
            ConnectOutcome.FirstCopy,
            ConnectRules.Decide(SourceLineage.None, senderHasState: false, Ours, target: null)
        );

    [Fact]
    public void AnotherVolumeIsUnrelatedWhateverItsLineage()
    {
        Assert.Equal(
            ConnectOutcome.Unrelated,
            ConnectRules.Decide(AtCurrent with { Epoch = 9 }, senderHasState: true, Other, Record)
        );
        Assert.Equal(
            ConnectOutcome.Unrelated,
            ConnectRules.Decide(
                AtCurrent,
                senderHasState: true,
                Ours with
                {
                    Hash = new StrongHash(HashAlgorithmId.XxHash128, 2),
                },
                Record
            )
        );
    }

    /// <summary>Each step of an epoch is a promote, which a person says.</summary>
    [Theory]
    [InlineData(0UL, false)]
    [InlineData(1UL, true)]
    [InlineData(SourceLineage.MaxEpoch - SourceLineage.MaxEpochStep - 9, true)]
    public void AnEpochThatNoPromotesCanBringIsNotBelieved(ulong tooFar, bool isRefused)
    {
        var highest = Record with { HighestEpoch = 9 };
        var sender = AtCurrent with { Epoch = 9 + SourceLineage.MaxEpochStep + tooFar };
        Assert.Equal(
            isRefused ? ConnectOutcome.EpochAhead : ConnectOutcome.Incremental,
            Decide(sender, highest)
        );
        Assert.Equal(
            isRefused ? ConnectOutcome.EpochAhead : ConnectOutcome.TakeOver,
            Decide(sender, highest with { Volume = null })
        );
        var first = sender with { Epoch = SourceLineage.FirstEpoch + SourceLineage.MaxEpochStep + tooFar };
        Assert.Equal(
            isRefused ? ConnectOutcome.EpochAhead : ConnectOutcome.FirstCopy,
            ConnectRules.Decide(first, senderHasState: true, Ours, target: null)
        );
    }

    [Theory]
    [InlineData(TargetStatus.Initializing)]
    [InlineData(TargetStatus.Consistent)]
    [InlineData(TargetStatus.Direct)]
    [InlineData(TargetStatus.Diverged)]
    [InlineData(TargetStatus.Adopted)]
    public void ASenderWithoutStateTakesOnlyWhatIsBoundToNobody(TargetStatus status)
    {
        var record = Record with { Status = status };
        Assert.Equal(
            ConnectOutcome.WithoutState,
            ConnectRules.Decide(SourceLineage.None, senderHasState: false, Other, record)
        );
        Assert.Equal(
            ConnectOutcome.TakeOver,
            ConnectRules.Decide(
                SourceLineage.None,
                senderHasState: false,
                Other,
                record with
                {
                    Volume = null,
                }
            )
        );
    }

    [Fact]
    public void APromotedTargetFencesItsOldSenderAndMeetsANewPrimaryAsSplitBrain()
    {
        var primary = RoleChange.Promote(Record, Newer, DateTimeOffset.UnixEpoch, force: false);
        Assert.Equal(ConnectOutcome.Promoted, Decide(AtCurrent, primary));
        Assert.Equal(ConnectOutcome.SplitBrain, Decide(AtCurrent with { Epoch = 4 }, primary));
        Assert.Equal(
            ConnectOutcome.Promoted,
            ConnectRules.Decide(AtCurrent with { Epoch = 9 }, senderHasState: true, Other, primary)
        );
    }

    [Fact]
    public void ADemotedTargetTakesItsSenderBackButNotAnOlderOne()
    {
        var primary = RoleChange.Promote(Record, Newer, DateTimeOffset.UnixEpoch, force: false);
        var demoted = RoleChange.Demote(primary, DateTimeOffset.UnixEpoch);
        Assert.Equal(ConnectOutcome.Compare, Decide(AtCurrent, demoted));
        Assert.Equal(ConnectOutcome.Compare, Decide(SenderOf("that proposed its generation"), demoted));
        Assert.Equal(ConnectOutcome.SenderBehind, Decide(SenderOf("at its parent"), demoted));
        var adopted = RoleChange.Adopt(demoted, newSender: false, DateTimeOffset.UnixEpoch);
        Assert.Equal(ConnectOutcome.Compare, Decide(SenderOf("at its parent"), adopted));
    }

    [Fact]
    public void APrimaryThatWasASourceKeepsItsFenceWhenItIsDemoted()
    {
        var primary = RoleChange.Promote(Record, Newer, DateTimeOffset.UnixEpoch, force: false);
        var demoted = RoleChange.Demote(RoleChange.BecomeSource(primary), DateTimeOffset.UnixEpoch);
        Assert.Equal(ConnectOutcome.StaleSender, Decide(AtCurrent, demoted));
        var adopted = RoleChange.Adopt(demoted, newSender: true, DateTimeOffset.UnixEpoch);
        Assert.Equal(ConnectOutcome.TakeOver, Decide(AtCurrent, adopted));
    }

    [Fact]
    public void TheNewPrimarysSenderComparesWithTheOldPrimary()
    {
        var primary = RoleChange.Promote(Record, Newer, DateTimeOffset.UnixEpoch, force: false);
        var sender = RoleChange.LineageOf(primary);
        Assert.Equal([Newer, Current, Parent, Older], sender.Ancestors);
        Assert.Equal(ConnectOutcome.Compare, Decide(sender, Record));
        Assert.Equal(ConnectOutcome.Compare, Decide(sender, Record with { Status = TargetStatus.Adopted }));
    }

    [Theory]
    [InlineData(
        ConnectOutcome.Unrelated,
        TargetStatus.Consistent,
        ErrorId.VolumeUnrelated,
        "adopt --new-sender"
    )]
    [InlineData(
        ConnectOutcome.WithoutState,
        TargetStatus.Consistent,
        ErrorId.SenderUnknown,
        "adopt --new-sender"
    )]
    [InlineData(ConnectOutcome.Promoted, TargetStatus.Primary, ErrorId.Fenced, "reverse,demote")]
    [InlineData(ConnectOutcome.SplitBrain, TargetStatus.Primary, ErrorId.SplitBrain, "demote,reverse")]
    [InlineData(ConnectOutcome.SplitBrain, TargetStatus.Consistent, ErrorId.SplitBrain, "adopt")]
    [InlineData(
        ConnectOutcome.StaleSender,
        TargetStatus.Consistent,
        ErrorId.StaleSender,
        "reverse,adopt --new-sender"
    )]
    [InlineData(ConnectOutcome.SenderBehind, TargetStatus.Consistent, ErrorId.SenderBehind, "adopt")]
    [InlineData(ConnectOutcome.EpochAhead, TargetStatus.Consistent, ErrorId.EpochAhead, "adopt --new-sender")]
    [InlineData(ConnectOutcome.Faulted, TargetStatus.Faulted, ErrorId.TargetFaulted, "adopt")]
    [InlineData(ConnectOutcome.Released, TargetStatus.Released, ErrorId.TargetReleased, "adopt")]
    public void EveryRefusalSaysWhyAndNamesTheCommandThatHelps(
        ConnectOutcome outcome,
        TargetStatus status,
        ErrorId expected,
        string remedies
    )
    {
        var refusal = ConnectRefusal.Of(outcome, AtCurrent, Ours, Record with { Status = status });
        Assert.Equal(expected, refusal.Id);
        Assert.False(string.IsNullOrEmpty(refusal.Cause));
        Assert.Equal(remedies, string.Join(',', Remedies.NamedIn(refusal.Hint)));
        Assert.Equal(
            expected
                is ErrorId.Fenced
                    or ErrorId.StaleSender
                    or ErrorId.SplitBrain
                    or ErrorId.SenderBehind
                    or ErrorId.EpochAhead
                ? ExitCode.Fenced
                : ExitCode.Target,
            refusal.ExitCode
        );
        Assert.False(ErrorCatalogue.IsTransient(refusal.Id), "trying again does not help");
    }

    /// <summary>Whoever is woken by one must see which it is.</summary>
    [Fact]
    public void EveryRefusalHasAnIdOfItsOwn()
    {
        var ids = Enum.GetValues<ConnectOutcome>()
            .Where(outcome => outcome.IsRefusal())
            .Select(outcome => ConnectRefusal.Of(outcome, AtCurrent, Ours, Record).Id)
            .ToList();
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public void EveryOutcomeIsEitherARefusalOrAWayToGoOn()
    {
        var goOn = Enum.GetValues<ConnectOutcome>().Where(outcome => !outcome.IsRefusal());
        Assert.Equal(
            [
                ConnectOutcome.FirstCopy,
                ConnectOutcome.Incremental,
                ConnectOutcome.AdvanceCursor,
                ConnectOutcome.Compare,
                ConnectOutcome.TakeOver,
            ],
            goOn
        );
    }

    private static ConnectOutcome Decide(SourceLineage sender, TargetRecord record) =>
        ConnectRules.Decide(sender, senderHasState: true, Ours, record);
}
