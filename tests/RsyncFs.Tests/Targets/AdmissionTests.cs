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

    private static TargetRecord Record =>
        new()
        {
            Status = TargetStatus.Consistent,
            Volume = Ours,
            LengthBytes = Length,
        };

    [Fact]
    public void RefusesAnotherSizeWhateverIsAllowed()
    {
        Assert.Equal(
            ErrorId.SizeMismatch,
            Refusal(Record, InitPolicy.Overwrite, Request(Ours) with { LengthBytes = Length + 512 })
        );
        Assert.Equal(
            ErrorId.SizeMismatch,
            Refusal(null, InitPolicy.Overwrite, Request(Ours) with { LengthBytes = 1, WritesNothing = true })
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
            new Admission(Ours, TargetStatus.Consistent),
            Decide(Record, InitPolicy.Refused, Request(Ours), "ext4")
        );

    [Fact]
    public void AnotherVolumeIsRefusedUnlessItMayOverwrite()
    {
        Assert.Equal(ErrorId.VolumeUnrelated, Refusal(Record, InitPolicy.Allowed, Request(Other)));
        Assert.Equal(
            new Admission(Other, TargetStatus.Empty),
            Decide(Record, InitPolicy.Overwrite, Request(Other))
        );
    }

    [Fact]
    public void ASenderWithoutStateTakesOverOnlyWithLeaveAndThenContinuesTheVolume()
    {
        var request = Request(Other) with { IsNewVolume = true };
        Assert.Equal(ErrorId.VolumeUnrelated, Refusal(Record, InitPolicy.Allowed, request));
        Assert.Equal(
            new Admission(Ours, TargetStatus.Consistent),
            Decide(Record, InitPolicy.Overwrite, request)
        );
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

    private static AdmissionRequest Request(Volume volume) =>
        new(Length, volume, IsNewVolume: false, WritesNothing: false);

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
