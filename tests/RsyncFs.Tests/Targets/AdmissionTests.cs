using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Targets;
using Xunit;

namespace RsyncFs.Tests.Targets;

public sealed class AdmissionTests
{
    private const long Length = 1 << 20;

    private static readonly Volume Ours = new(
        Guid.NewGuid(),
        new StrongHash(HashAlgorithmId.XxHash128, 1),
        65536
    );
    private static readonly Volume Other = Ours with { Id = Guid.NewGuid() };
    private static readonly Guid Current = Guid.NewGuid();

    private static TargetRecord Record =>
        new()
        {
            Status = TargetStatus.Consistent,
            Volume = Ours,
            LengthBytes = Length,
            Generation = Current,
        };

    [Fact]
    public void RefusesAnotherSizeWhateverIsAllowed()
    {
        Assert.Equal(
            ErrorId.SizeMismatch,
            Refusal(Record, InitPolicy.Overwrite, Request(Ours) with { Shape = new SetShape(Length + 512) })
        );
        Assert.Equal(
            ErrorId.SizeMismatch,
            Refusal(
                null,
                InitPolicy.Overwrite,
                Request(Ours) with
                {
                    Shape = new SetShape(1),
                    WritesNothing = true,
                }
            )
        );
    }

    [Fact]
    public void TakesAFirstCopyOnlyWithLeave()
    {
        Assert.Equal(ErrorId.TargetInitRefused, Refusal(null, InitPolicy.Refused, Request(Ours)));
        Assert.Equal(
            ErrorId.TargetSignature,
            Refusal(null, InitPolicy.Allowed, Request(Ours), signature: "ext4")
        );
        Assert.Equal(TargetStatus.Empty, Decide(null, InitPolicy.Allowed, Request(Ours)).Status);
        Assert.Equal(TargetStatus.Empty, Decide(null, InitPolicy.Overwrite, Request(Ours), "ext4").Status);
    }

    [Fact]
    public void ItsOwnSenderNeedsNoLeave() =>
        Assert.Equal(
            new Admission(Ours, TargetStatus.Consistent, ConnectOutcome.Incremental, 1, ApplyMode.Journal),
            Decide(Record, InitPolicy.Refused, Request(Ours), "ext4")
        );

    [Fact]
    public void AnotherVolumeIsRefusedUnlessItMayOverwrite()
    {
        Assert.Equal(ErrorId.VolumeUnrelated, Refusal(Record, InitPolicy.Allowed, Request(Other)));
        Assert.Equal(
            new Admission(Other, TargetStatus.Empty, ConnectOutcome.FirstCopy, 1, ApplyMode.Direct)
            {
                NeedsInit = true,
            },
            Decide(Record with { Epoch = 4 }, InitPolicy.Overwrite, Request(Other))
        );
    }

    [Fact]
    public void ASenderWithoutStateTakesOverOnlyWithLeaveAndThenContinuesTheVolume()
    {
        var request = Request(Other) with { IsNewVolume = true, Lineage = SourceLineage.None };
        Assert.Equal(ErrorId.SenderUnknown, Refusal(Record, InitPolicy.Allowed, request));
        Assert.Equal(
            new Admission(Ours, TargetStatus.Consistent, ConnectOutcome.TakeOver, 4, ApplyMode.Journal)
            {
                NeedsInit = true,
            },
            Decide(Record with { Epoch = 4 }, InitPolicy.Overwrite, request)
        );
    }

    [Fact]
    public void AnAdoptedTargetWithoutAVolumeIsBoundToTheFirstSenderAndItsEpoch()
    {
        var adopted = Record with { Status = TargetStatus.Adopted, Volume = null, Epoch = 7 };
        Assert.Equal(
            new Admission(Other, TargetStatus.Adopted, ConnectOutcome.TakeOver, 2, ApplyMode.Journal),
            Decide(
                adopted,
                InitPolicy.Refused,
                Request(Other) with
                {
                    Lineage = new SourceLineage(2, Guid.NewGuid(), Guid.Empty, []),
                },
                "ext4"
            )
        );
    }

    [Fact]
    public void TheTargetTakesTheHigherEpoch()
    {
        var newer = Request(Ours) with { Lineage = new SourceLineage(9, Guid.Empty, Guid.Empty, [Current]) };
        Assert.Equal(9UL, Decide(Record, InitPolicy.Refused, newer).Epoch);
    }

    [Theory]
    [InlineData(TargetStatus.Primary, ErrorId.Fenced)]
    [InlineData(TargetStatus.Released, ErrorId.TargetReleased)]
    public void NobodyReadsOrWritesADeviceThatWasGivenUp(TargetStatus status, ErrorId expected)
    {
        var record = Record with { Status = status, Epoch = 2 };
        foreach (var request in new[] { Request(Ours), Request(Other), NewSender() })
        {
            foreach (var writesNothing in new[] { false, true })
            {
                var refusal = Assert.Throws<RefusedException>(() =>
                    Admission.Decide(
                        record,
                        new TargetPolicy(InitPolicy.Overwrite, () => null),
                        held: null,
                        request with
                        {
                            WritesNothing = writesNothing,
                        }
                    )
                );
                Assert.Equal(expected, refusal.Id);
            }
        }
    }

    [Fact]
    public void LeaveToOverwriteDoesNotOverruleTheLineage()
    {
        var stale = Request(Ours);
        Assert.Equal(ErrorId.StaleSender, Refusal(Record with { Epoch = 2 }, InitPolicy.Overwrite, stale));
        Assert.Equal(
            ErrorId.SplitBrain,
            Refusal(Record with { Generation = Guid.NewGuid() }, InitPolicy.Overwrite, stale)
        );
        Assert.Equal(
            ErrorId.SenderBehind,
            Refusal(
                Record with
                {
                    Generation = Guid.NewGuid(),
                    Ancestors = [Current],
                },
                InitPolicy.Overwrite,
                stale
            )
        );
        foreach (var request in new[] { Request(Ours), Request(Other), NewSender() })
        {
            var faulted = Record with { Status = TargetStatus.Faulted };
            Assert.Equal(ErrorId.TargetFaulted, Refusal(faulted, InitPolicy.Overwrite, request));
            Assert.Equal(
                ErrorId.TargetFaulted,
                Refusal(faulted with { LengthBytes = 1 }, InitPolicy.Overwrite, request)
            );
        }
    }

    /// <summary>Whatever may be overwritten: an epoch that was taken for true would stay.</summary>
    [Fact]
    public void NoLeaveToOverwriteMakesAnEpochBelievedThatNoPromotesCanBring()
    {
        var replaced = Record with { DeviceKey = KnownDevice.KeyOf("serial:2") };
        foreach (var request in new[] { Request(Ours), Request(Other), NewSender() })
        {
            var ahead = request with { Lineage = request.Lineage with { Epoch = SourceLineage.MaxEpoch } };
            foreach (var record in new[] { null, Record, replaced })
            {
                Assert.Equal(ErrorId.EpochAhead, Refusal(record, InitPolicy.Overwrite, ahead));
            }
        }
    }

    [Fact]
    public void AStaleSenderIsFencedOnAReplacedDeviceToo()
    {
        var replaced = Record with { DeviceKey = KnownDevice.KeyOf("serial:2"), Epoch = 2 };
        Assert.Equal(ErrorId.StaleSender, Refusal(replaced, InitPolicy.Overwrite, Request(Ours)));
    }

    [Fact]
    public void ATargetOfAnotherSizeThanItHadIsRefusedUntilThatIsSaidToBeMeant()
    {
        var resized = Record with { LengthBytes = Length - 4096 };
        Assert.Equal(ErrorId.TargetResized, Refusal(resized, InitPolicy.Allowed, Request(Ours)));
        var shorter = Request(Ours) with { Shape = new SetShape(Length - 4096) };
        Assert.Equal(ErrorId.SizeMismatch, Refusal(resized, InitPolicy.Overwrite, shorter));
        Assert.Equal(
            new Admission(Ours, TargetStatus.Adopted, ConnectOutcome.Compare, 1, ApplyMode.Journal)
            {
                NeedsInit = true,
            },
            Decide(resized, InitPolicy.Overwrite, Request(Ours))
        );
    }

    [Theory]
    [InlineData(TargetStatus.Consistent, ApplyMode.Journal)]
    [InlineData(TargetStatus.Diverged, ApplyMode.Journal)]
    [InlineData(TargetStatus.Adopted, ApplyMode.Journal)]
    [InlineData(TargetStatus.Initializing, ApplyMode.Direct)]
    [InlineData(TargetStatus.Direct, ApplyMode.Direct)]
    public void OnlyWhatIsNotWholeIsWrittenInPlace(TargetStatus status, ApplyMode expected) =>
        Assert.Equal(
            expected,
            Decide(Record with { Status = status }, InitPolicy.Refused, Request(Ours)).Mode
        );

    /// <summary>C8: never the same overflow in a loop.</summary>
    [Theory]
    [InlineData(1000, ApplyMode.Journal, null)]
    [InlineData(1300, ApplyMode.Journal, ApplyMode.Journal)]
    [InlineData(0, ApplyMode.Journal, null)]
    [InlineData(1000, ApplyMode.Direct, ApplyMode.Direct)]
    [InlineData(1300, ApplyMode.Direct, ApplyMode.Journal)]
    public void ADeltaThatDidNotFitFollowsThePolicyUntilThereIsMoreRoom(
        long limitBytes,
        ApplyMode oversized,
        ApplyMode? expected
    )
    {
        var policy = new TargetPolicy(InitPolicy.Refused, () => null)
        {
            OversizedMode = oversized,
            JournalLimitBytes = limitBytes,
        };
        var record = Record with { OverflowLimitBytes = 1000 };
        using var device = new MemoryBlockDevice((int)Length) { StableId = "serial:1" };
        if (expected is { } mode)
        {
            Assert.Equal(mode, Admission.Decide(record, policy, device, Request(Ours)).Mode);
            return;
        }

        var refusal = Assert.Throws<RefusedException>(() =>
            Admission.Decide(record, policy, device, Request(Ours))
        );
        Assert.Equal(ErrorId.JournalFull, refusal.Id);
        // What is named is enough.
        Assert.Contains("--journal-limit to more than 65536", refusal.Hint, StringComparison.Ordinal);
        Assert.Contains("--apply direct", refusal.Hint, StringComparison.Ordinal);
        var reader = Request(Ours) with { WritesNothing = true };
        Assert.Equal(ConnectOutcome.Compare, Admission.Decide(record, policy, device, reader).Outcome);
    }

    [Fact]
    public void TheSameIdWithAnotherSeedIsAnotherVolume() =>
        Assert.Equal(
            ErrorId.VolumeUnrelated,
            Refusal(
                Record,
                InitPolicy.Allowed,
                Request(Ours with { Hash = new StrongHash(HashAlgorithmId.XxHash128, 2) })
            )
        );

    [Fact]
    public void AnotherDeviceUnderTheSameNameIsNotTheTarget()
    {
        var record = Record with { DeviceKey = KnownDevice.KeyOf("serial:2") };
        Assert.Equal(ErrorId.TargetReplaced, Refusal(record, InitPolicy.Allowed, Request(Ours)));
        Assert.Equal(TargetStatus.Empty, Decide(record, InitPolicy.Overwrite, Request(Ours)).Status);
        Assert.Equal(
            TargetStatus.Consistent,
            Decide(
                record with
                {
                    DeviceKey = KnownDevice.KeyOf("serial:1"),
                },
                InitPolicy.Refused,
                Request(Ours)
            ).Status
        );
        Assert.Equal(
            TargetStatus.Consistent,
            Decide(record with { DeviceKey = Guid.Empty }, InitPolicy.Refused, Request(Ours)).Status
        );
    }

    [Fact]
    public void ComparingNeedsNothingButTheSize()
    {
        var request = Request(Other) with { WritesNothing = true };
        Assert.Equal(Other, Decide(null, InitPolicy.Refused, request, "ext4").Volume);
        Assert.Equal(Other, Decide(Record, InitPolicy.Refused, request).Volume);
        Assert.Equal(Ours, Decide(Record, InitPolicy.Refused, request with { IsNewVolume = true }).Volume);
    }

    /// <summary>C8: the number in the hint, and one byte more, is admitted.</summary>
    [Theory]
    [InlineData(1L << 30)]
    [InlineData((1L << 30) + 3)]
    public void TheLimitThatIsNamedIsEnough(long overflowBytes)
    {
        var enough = overflowBytes + (overflowBytes / 4);
        var record = Record with { OverflowLimitBytes = overflowBytes };
        using var device = new MemoryBlockDevice((int)Length) { StableId = "serial:1" };
        Admission With(long limitBytes) =>
            Admission.Decide(
                record,
                new TargetPolicy(InitPolicy.Refused, () => null) { JournalLimitBytes = limitBytes },
                device,
                Request(Ours)
            );
        var refusal = Assert.Throws<RefusedException>(() => With(enough));
        Assert.Contains($"to more than {enough},", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(ApplyMode.Journal, With(enough + 1).Mode);
        record = record with { OverflowLimitBytes = long.MaxValue };
        Assert.Throws<RefusedException>(() => With(long.MaxValue));
    }

    /// <summary>I11: what is known is of the device that it was learned of.</summary>
    [Fact]
    public void WhoOnlyReadsIsTakenToAnotherDeviceAndToldNothingOfIt()
    {
        var request = Request(Ours) with { WritesNothing = true };
        var replaced = Record with { DeviceKey = KnownDevice.KeyOf("serial:2") };
        Assert.Equal(TargetStatus.Empty, Decide(replaced, InitPolicy.Refused, request).Status);
        var resized = Record with { LengthBytes = Length - 512 };
        Assert.Equal(TargetStatus.Adopted, Decide(resized, InitPolicy.Refused, request).Status);
        var direct = resized with { Status = TargetStatus.Direct };
        Assert.Equal(TargetStatus.Direct, Decide(direct, InitPolicy.Refused, request).Status);
        Assert.Equal(TargetStatus.Consistent, Decide(Record, InitPolicy.Refused, request).Status);
    }

    /// <summary>What rests on the leave to initialise ends with it; a copy that is whole does not.</summary>
    [Theory]
    [InlineData(TargetStatus.Initializing, true)]
    [InlineData(TargetStatus.Consistent, false)]
    [InlineData(TargetStatus.Direct, false)]
    [InlineData(TargetStatus.Diverged, false)]
    [InlineData(TargetStatus.Adopted, false)]
    public void OnlyAFirstCopyNeedsTheRightToInitialise(TargetStatus status, bool needsInit)
    {
        var record = Record with { Status = status };
        Assert.Equal(needsInit, Decide(record, InitPolicy.Overwrite, Request(Ours)).NeedsInit);
        var reader = Request(Ours) with { WritesNothing = true };
        Assert.False(Decide(record, InitPolicy.Overwrite, reader).NeedsInit);
    }

    private static AdmissionRequest Request(Volume volume) =>
        new(new SetShape(Length), volume, IsNewVolume: false, WritesNothing: false)
        {
            Lineage = new SourceLineage(1, Current, Guid.Empty, []),
        };

    private static AdmissionRequest NewSender() =>
        Request(Other) with
        {
            IsNewVolume = true,
            Lineage = SourceLineage.None,
        };

    private static Admission Decide(
        TargetRecord? record,
        InitPolicy init,
        AdmissionRequest request,
        string? signature = null
    ) =>
        Admission.Decide(
            record,
            new TargetPolicy(init, () => signature),
            new MemoryBlockDevice((int)Length) { StableId = "serial:1" },
            request
        );

    private static ErrorId Refusal(
        TargetRecord? record,
        InitPolicy init,
        AdmissionRequest request,
        string? signature = null
    )
    {
        var refusal = Assert.Throws<RefusedException>(() => Decide(record, init, request, signature));
        Assert.False(string.IsNullOrEmpty(refusal.Hint), "a refusal names the remedy");
        return refusal.Id;
    }
}
