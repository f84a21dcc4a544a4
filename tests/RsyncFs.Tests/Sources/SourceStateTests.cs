using System.Globalization;
using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Sources;

/// <summary>What a sender knows of a source and of its destinations, in its file.</summary>
public sealed class SourceStateTests
{
    private const string FileName = "source";

    private readonly SimulatedDurableDirectory _directory = new();

    [Fact]
    public void EveryFieldIsReadAsItWasWritten()
    {
        var point = SaveFull();
        var state = SourceState.Load(_directory);
        Assert.Equal((VolumeOf(1), 5UL, true), (state.Volume, state.Epoch, state.IsRetired));
        Assert.Equal([IdOf(6), IdOf(5), IdOf(4)], state.Ancestors);
        var first = state.At("first");
        Assert.Equal(
            (IdOf(6), Guid.Empty, DateTimeOffset.UnixEpoch.AddDays(3)),
            (first.Lineage.Cursor, first.Lineage.Proposed, first.ComparedAt)
        );
        var second = state.At("second");
        Assert.Equal((Guid.Empty, IdOf(7)), (second.Lineage.Cursor, second.Lineage.Proposed));
        Assert.Equal((null, point), (first.Resume, second.Resume));
        Assert.Equal(
            (Guid.Empty, Guid.Empty),
            (state.At("third").Lineage.Cursor, state.At("third").Lineage.Proposed)
        );
    }

    /// <summary>A destination that is renamed has no cursor any more, and is known all the same.</summary>
    [Fact]
    public void WhereADestinationIsIsKnownUnderAnyNameHoweverOftenOthersWentOn()
    {
        var state = SourceState.Load(_directory);
        state.Become(VolumeOf(1), epoch: 1, []);
        state.At("daily").Acknowledge(IdOf(1), comparedAt: null);
        for (byte id = 2; id < 60; id++)
        {
            state.At("hourly").Propose(IdOf(id));
            state.At("hourly").Acknowledge(IdOf(id), comparedAt: null);
        }

        var known = SourceState.Load(_directory).At("daily, renamed").Lineage.Ancestors;
        Assert.Contains(IdOf(1), known);
        Assert.Contains(IdOf(59), known);
        Assert.Equal(SourceLineage.MaxAncestorCount, known.Count);
    }

    [Fact]
    public void AFileThatIsCutAnywhereIsRefused()
    {
        SaveFull();
        var whole = _directory.BytesOf(FileName)!.ToArray();
        for (var length = 0; length < whole.Length; length++)
        {
            AssertRefused(whole[..length]);
        }

        AssertRefused([.. whole, 0]);
    }

    [Fact]
    public void AFlippedBitAnywhereIsRefused()
    {
        SaveFull();
        var bytes = _directory.BytesOf(FileName)!.ToArray();
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x10;
            AssertRefused(bytes);
            bytes[at] ^= 0x10;
        }
    }

    /// <summary>The checksum is right, and what it is over is cut or goes on: no part of it is taken for the whole.</summary>
    [Fact]
    public void ABodyOfAnotherLengthIsRefused()
    {
        SaveFull();
        var whole = _directory.BytesOf(FileName)!.ToArray();
        const int Head = 14;
        var body = whole[Head..^SHA256.HashSizeInBytes];
        for (var length = 0; length < body.Length; length++)
        {
            AssertRefused(Sealed(whole[..10], body[..length]));
        }

        AssertRefused(Sealed(whole[..10], [.. body, 0]));
    }

    /// <summary>A checksum proves what was written, not that it makes sense; see FORMATS.md, section 5.</summary>
    [Theory]
    [InlineData("", false)]
    [InlineData("epoch 0", true)]
    [InlineData("epoch 2^63", true)]
    [InlineData("12 ancestors", false)]
    [InlineData("13 ancestors", true)]
    [InlineData("64 destinations", false)]
    [InlineData("65 destinations", true)]
    [InlineData("a snapshot of less than nothing", true)]
    [InlineData("a resume point", false)]
    [InlineData("a resume point of no generation", true)]
    [InlineData("a resume point of less than no record", true)]
    [InlineData("a resume point before the first block", true)]
    [InlineData("a resume point of plan 99", true)]
    [InlineData("a resume point of plan 5", true)]
    public void AValueOutOfItsBoundsIsRefused(string what, bool isRefused)
    {
        var epoch = what switch
        {
            "epoch 0" => 0UL,
            "epoch 2^63" => SourceLineage.MaxEpoch + 1,
            _ => SourceLineage.MaxEpoch,
        };
        var number =
            what.Length > 0 && char.IsAsciiDigit(what[0])
                ? int.Parse(what[..2], CultureInfo.InvariantCulture)
                : 1;
        var point = ResumePointOf(IdOf(7));
        var body = BodyOf(
            epoch,
            ancestors: what.EndsWith("ancestors", StringComparison.Ordinal) ? number : 1,
            destinations: what.EndsWith("destinations", StringComparison.Ordinal) ? number : 1,
            what switch
            {
                "a resume point" => point,
                "a resume point of no generation" => ResumePointOf(Guid.Empty),
                "a resume point of less than no record" => point with
                {
                    Position = point.Position with { RecordCount = -1 },
                },
                "a resume point before the first block" => point with { FirstBlock = -1 },
                "a resume point of plan 99" => point with { Plan = (Plan)99 },
                "a resume point of plan 5" => point with { Plan = (Plan)5 },
                _ => null,
            },
            snapshotBytes: what.StartsWith("a snapshot", StringComparison.Ordinal) ? -1 : 0
        );
        byte[] head = [.. "RSFSSRC2"u8, 1, 0];
        if (isRefused)
        {
            AssertRefused(Sealed(head, body));
        }
        else
        {
            Assert.Equal(epoch, Load(Sealed(head, body)).Epoch);
        }
    }

    [Fact]
    public void ANewerVersionIsRefusedAndNamed()
    {
        SaveFull();
        var whole = _directory.BytesOf(FileName)!.ToArray();
        whole[8] = 2;
        var failure = AssertRefused(Sealed(whole[..10], whole[14..^SHA256.HashSizeInBytes]));
        Assert.Contains("version 2", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAFileNothingIsKnown()
    {
        var state = SourceState.Load(_directory);
        Assert.Equal((null, SourceLineage.FirstEpoch), (state.Volume, state.Epoch));
        Assert.Empty(state.Ancestors);
    }

    /// <summary>C6: each of them may have happened, and a target that is at one of them must know its sender.</summary>
    [Fact]
    public void AProposalThatNobodyAcknowledgedIsKeptAmongTheAncestors()
    {
        SourceState.Load(_directory).Become(VolumeOf(1), 1, []);
        var state = SourceState.Load(_directory).At("t");
        state.Propose(IdOf(1));
        state.Propose(IdOf(2));
        state.Propose(IdOf(3));
        var lineage = SourceState.Load(_directory).At("t").Lineage;
        Assert.Equal(IdOf(3), lineage.Proposed);
        Assert.Equal([IdOf(2), IdOf(1)], lineage.Ancestors);
    }

    private ResumePoint SaveFull()
    {
        SourceState.Load(_directory).Become(VolumeOf(1), 5, [IdOf(5), IdOf(4)]);
        var state = SourceState.Load(_directory);
        state.At("first").Acknowledge(IdOf(6), DateTimeOffset.UnixEpoch.AddDays(3));
        state.At("second").Propose(IdOf(7));
        var point = ResumePointOf(IdOf(7));
        state.At("second").RememberResume(point);
        state.Retire();
        return point;
    }

    private static ResumePoint ResumePointOf(Guid generation) =>
        new(
            new DeltaPosition(generation, 11, new Digest(12, 13)),
            IdOf(6),
            14,
            Plan.Compare,
            DateTimeOffset.UnixEpoch.AddDays(4),
            new ChangeEvidence("device", 15, "stamp")
        );

    private static byte[] BodyOf(
        ulong epoch,
        int ancestors,
        int destinations,
        ResumePoint? resume,
        long snapshotBytes
    )
    {
        var body = new ByteWriter();
        VolumeFields.Write(body, VolumeOf(1));
        body.WriteUInt64(epoch);
        body.WriteBoolean(false);
        body.WriteByte((byte)ancestors);
        for (var i = 0; i < ancestors; i++)
        {
            body.WriteGuid(IdOf(i));
        }

        body.WriteUInt16((ushort)destinations);
        for (var i = 0; i < destinations; i++)
        {
            new DestinationRecord(IdOf(i)) { Resume = resume }.Write(body);
        }

        BaseSnapshot.Write(body, snapshot: null);
        BaseSnapshot.Write(body, snapshot: null);
        body.WriteInt64(snapshotBytes);
        return body.ToArray();
    }

    private static Volume VolumeOf(int number) =>
        new(IdOf(number), new StrongHash(HashAlgorithmId.XxHash128, 5), 65536);

    private static Guid IdOf(int number) => new(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private static byte[] Sealed(byte[] head, byte[] body)
    {
        byte[] content = [.. head, .. BitConverter.GetBytes((uint)body.Length), .. body];
        return [.. content, .. SHA256.HashData(content)];
    }

    private static SourceState Load(byte[] bytes)
    {
        var directory = new SimulatedDurableDirectory();
        using (var file = directory.Create(FileName))
        {
            file.Write(0, bytes);
            file.Flush();
        }

        return SourceState.Load(directory);
    }

    private static StateException AssertRefused(byte[] bytes)
    {
        var failure = Assert.Throws<StateException>(() => Load(bytes));
        Assert.Equal(ErrorId.StateDamaged, failure.Id);
        return failure;
    }
}
