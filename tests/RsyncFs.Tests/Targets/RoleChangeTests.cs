using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Targets;
using Xunit;

namespace RsyncFs.Tests.Targets;

public sealed class RoleChangeTests
{
    private const long Length = 1 << 20;
    private const string Stays = "stays";

    private static readonly DateTimeOffset Before = DateTimeOffset.FromUnixTimeSeconds(1_000);
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(2_000);
    private static readonly Guid Generation = Guid.NewGuid();
    private static readonly Guid Parent = Guid.NewGuid();
    private static readonly Guid Fresh = Guid.NewGuid();
    private static readonly Volume Ours = new(
        Guid.NewGuid(),
        new StrongHash(HashAlgorithmId.XxHash128, 1),
        65536
    );

    /// <summary>Status, verb, and what becomes of it: a status, "stays", or the verbs that the refusal names.</summary>
    public static TheoryData<TargetStatus, string, string> Transitions
    {
        get
        {
            string[] verbs =
            [
                "promote",
                "promote --force",
                "demote",
                "release",
                "adopt",
                "adopt --new-sender",
                "become source",
                "grow",
                "shrink",
                "shrink --force",
            ];
            var table = new TheoryData<TargetStatus, string, string>();
            foreach (var (status, becomes) in Table)
            {
                var cells = becomes.Split('|', StringSplitOptions.TrimEntries);
                Assert.Equal(verbs.Length, cells.Length);
                for (var i = 0; i < verbs.Length; i++)
                {
                    table.Add(status, verbs[i], cells[i]);
                }
            }

            return table;
        }
    }

    // A "?" begins a refusal, and what follows is the command that it names.
    private static (TargetStatus Status, string Becomes)[] Table =>
        [
            // promote | --force | demote | release | adopt | --new-sender | become source | grow | shrink | shrink --force
            (
                TargetStatus.Initializing,
                "?promote --force | Primary | stays | Released | Initializing | Initializing | ?promote | Initializing | ?resize --force | Initializing"
            ),
            (
                TargetStatus.Consistent,
                "Primary | Primary | stays | Released | Adopted | Adopted | ?promote | Adopted | ?resize --force | Adopted"
            ),
            (TargetStatus.Committed, "? | ? | stays | ? | ? | ? | ?promote | ? | ? | ?"),
            (
                TargetStatus.Direct,
                "?promote --force | Primary | stays | Released | Direct | Direct | ?promote | Direct | ?resize --force | Direct"
            ),
            (
                TargetStatus.Faulted,
                "?promote --force | Primary | stays | Released | Adopted | Adopted | ?promote | ?adopt | ?adopt | ?adopt"
            ),
            (
                TargetStatus.Diverged,
                "?promote --force | Primary | stays | Released | Adopted | Adopted | ?promote | Diverged | ?resize --force | Diverged"
            ),
            (
                TargetStatus.Primary,
                "stays | stays | Adopted | ?demote | ?demote | ?demote | Primary | ?demote | ?demote | ?demote"
            ),
            (
                TargetStatus.Adopted,
                "?promote --force | Primary | stays | Released | Adopted | Adopted | ?promote | Adopted | ?resize --force | Adopted"
            ),
            (
                TargetStatus.Released,
                "?promote --force | Primary | ?adopt | stays | Adopted | Adopted | ?promote | ?adopt | ?adopt | ?adopt"
            ),
        ];

    [Theory]
    [MemberData(nameof(Transitions))]
    public void EveryVerbDoesItsPartInEveryStateOnceOrRefuses(
        TargetStatus status,
        string verb,
        string becomes
    )
    {
        var record = In(status);
        if (becomes.StartsWith('?'))
        {
            var refusal = Assert.Throws<RefusedException>(() => Do(verb, record));
            Assert.Equal(ErrorId.TargetState, refusal.Id);
            Assert.Equal(ExitCode.Target, refusal.ExitCode);
            Assert.False(string.IsNullOrEmpty(refusal.Cause));
            Assert.Equal(becomes[1..], string.Join(',', Remedies.NamedIn(refusal.Hint)));
            return;
        }

        var after = Do(verb, record);
        var stays = string.Equals(becomes, Stays, StringComparison.Ordinal);
        Assert.Equal(stays ? status : Enum.Parse<TargetStatus>(becomes), after.Status);
        Assert.True(!stays || ReferenceEquals(record, after), "nothing to do, and something was done");
        Assert.Same(after, Do(verb, after));
        Assert.True(after.HighestEpoch >= record.HighestEpoch, "a fence was forgotten");
        Assert.True(after.HighestEpoch >= after.Epoch);
        var changed =
            !ReferenceEquals(record, after)
            && !string.Equals(verb, "become source", StringComparison.Ordinal);
        Assert.Equal(changed ? Now : Before, after.ChangedAt);
        Assert.True(
            after.Pending is null || ReferenceEquals(record, after),
            "a half-made generation was kept"
        );
    }

    [Fact]
    public void EveryStatusButEmptyIsInTheTable() =>
        Assert.Equal(
            Enum.GetValues<TargetStatus>().Where(status => status != TargetStatus.Empty).Order(),
            Table.Select(row => row.Status).Order()
        );

    [Fact]
    public void PromoteMakesANewLineInAnEpochThatNobodyHad()
    {
        var promoted = RoleChange.Promote(
            In(TargetStatus.Consistent) with
            {
                HighestEpoch = 8,
            },
            Fresh,
            Now,
            force: false
        );
        Assert.Equal(9UL, promoted.Epoch);
        Assert.Equal(9UL, promoted.HighestEpoch);
        Assert.Equal(3UL, promoted.ReplicaEpoch);
        Assert.Equal(Fresh, promoted.Generation);
        Assert.Equal([Generation, Parent], promoted.Ancestors);
    }

    /// <summary>One above would be zero, or one that nobody can say on the wire: every fence would fall.</summary>
    [Fact]
    public void PromoteNeverGoesRoundToAnEpochThatWas()
    {
        var highest = In(TargetStatus.Consistent) with { HighestEpoch = SourceLineage.MaxEpoch };
        var refusal = Assert.Throws<RefusedException>(() =>
            RoleChange.Promote(highest, Fresh, Now, force: true)
        );
        Assert.Equal(ErrorId.TargetState, refusal.Id);
        var next = highest with { HighestEpoch = SourceLineage.MaxEpoch - 1 };
        Assert.Equal(SourceLineage.MaxEpoch, RoleChange.Promote(next, Fresh, Now, force: false).Epoch);
    }

    [Fact]
    public void DemoteGoesBackToWhereItWasPromotedAndNeverReusesTheEpoch()
    {
        var promoted = RoleChange.Promote(In(TargetStatus.Consistent), Fresh, Now, force: false);
        var demoted = RoleChange.Demote(promoted, Now);
        Assert.Equal(Generation, demoted.Generation);
        Assert.Equal([Parent], demoted.Ancestors);
        Assert.Equal(3UL, demoted.Epoch);
        Assert.Equal(0UL, demoted.ReplicaEpoch);
        Assert.Equal(6UL, RoleChange.Promote(demoted, Guid.NewGuid(), Now, force: true).Epoch);
    }

    [Fact]
    public void DemoteOfWhatNeverWasAGenerationGoesBackToNone()
    {
        var adopted = In(TargetStatus.Adopted) with { Generation = Guid.Empty, Ancestors = [] };
        var demoted = RoleChange.Demote(RoleChange.Promote(adopted, Fresh, Now, force: true), Now);
        Assert.Equal(Guid.Empty, demoted.Generation);
        Assert.Empty(demoted.Ancestors);
    }

    [Fact]
    public void APrimaryThatWasASourceKeepsItsEpochWhenItIsDemoted()
    {
        var promoted = RoleChange.Promote(In(TargetStatus.Consistent), Fresh, Now, force: false);
        var demoted = RoleChange.Demote(RoleChange.BecomeSource(promoted), Now);
        Assert.Equal(promoted.Epoch, demoted.Epoch);
    }

    [Fact]
    public void AdoptForgetsWhatItWasAtAndKeepsTheFence()
    {
        var adopted = RoleChange.Adopt(In(TargetStatus.Diverged), newSender: false, Now);
        Assert.Equal(Guid.Empty, adopted.Generation);
        Assert.Empty(adopted.Ancestors);
        Assert.Equal(3UL, adopted.Epoch);
        Assert.Equal(Ours, adopted.Volume);
        Assert.Null(RoleChange.Adopt(adopted, newSender: true, Now).Volume);
    }

    private static TargetRecord In(TargetStatus status) =>
        new()
        {
            Status = status,
            Volume = Ours,
            LengthBytes = Length,
            Epoch = status == TargetStatus.Primary ? 4UL : 3UL,
            ReplicaEpoch = status == TargetStatus.Primary ? 3UL : 0UL,
            HighestEpoch = 4,
            Generation = Generation,
            Ancestors = [Parent],
            ChangedAt = Before,
            Pending = status switch
            {
                TargetStatus.Committed or TargetStatus.Faulted => new(Fresh, Guid.NewGuid(), 1, default),
                TargetStatus.Direct or TargetStatus.Initializing => new(Fresh, Guid.Empty, 0, default),
                _ => null,
            },
        };

    private static TargetRecord Do(string verb, TargetRecord record) =>
        verb switch
        {
            "promote" => RoleChange.Promote(record, Fresh, Now, force: false),
            "promote --force" => RoleChange.Promote(record, Fresh, Now, force: true),
            "demote" => RoleChange.Demote(record, Now),
            "release" => RoleChange.Release(record, Now),
            "adopt" => RoleChange.Adopt(record, newSender: false, Now),
            "adopt --new-sender" => RoleChange.Adopt(record, newSender: true, Now),
            "become source" => RoleChange.BecomeSource(record),
            "grow" => RoleChange.Resize(record, Length * 2, force: false, Now),
            "shrink" => RoleChange.Resize(record, Length / 2, force: false, Now),
            "shrink --force" => RoleChange.Resize(record, Length / 2, force: true, Now),
            _ => throw new ArgumentOutOfRangeException(nameof(verb)),
        };
}
