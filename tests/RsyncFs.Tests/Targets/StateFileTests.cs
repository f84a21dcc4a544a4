using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Linux.Native;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Targets;

/// <summary>The file that says what a target is, and its two slots.</summary>
public sealed class StateFileTests
{
    private const int SlotDistance = 1024 * 1024;
    private const int VersionOffset = 8;
    private const int StatusOffset = 10;
    private const int LastZero = 479;

    private readonly SimulatedDurableDirectory _directory = new();
    private readonly Services _services = new(
        new Lz4Codec(),
        TimeProvider.System,
        new SeededRandomNumbers(1)
    );

    [Fact]
    public void EveryFieldOfASlotIsReadAsItWasWritten()
    {
        var decoded = StateSlot.TryDecode(StateSlot.Encode(Full, 77, 88));
        Assert.Equal(77UL, decoded!.Value.Sequence);
        var record = decoded.Value.Record;
        Assert.Equal(Full, record);
        Assert.Equal(Full.Ancestors, record.Ancestors);
        Assert.Equal(
            (Full.Volume, Full.Pending, Full.Root, Full.DeviceKey, Full.ReplicaEpoch),
            (record.Volume, record.Pending, record.Root, record.DeviceKey, record.ReplicaEpoch)
        );
    }

    [Fact]
    public void ASlotWithAnyFlippedBitIsNone()
    {
        var slot = StateSlot.Encode(Full, 77, 88);
        for (var bit = 0; bit < slot.Length * 8; bit++)
        {
            slot[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(StateSlot.TryDecode(slot));
            slot[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(VersionOffset, 2)]
    [InlineData(StatusOffset, 1)]
    [InlineData(StatusOffset, 99)]
    [InlineData(StatusOffset + 1, 2)]
    public void AWholeSlotOfANewerVersionIsRefusedAndNotPassedBy(int offset, byte value)
    {
        Assert.Throws<InvalidDataException>(() => StateSlot.TryDecode(Changed(offset, value)));
        Save(Full);
        _directory.BytesOf("state")!.Damage(SlotDistance, Changed(offset, value));
        var failure = Assert.Throws<StateException>(() => TargetRecord.Load(_directory));
        Assert.Equal(ErrorId.StateDamaged, failure.Id);
    }

    /// <summary>A checksum proves what was written, not that it makes sense; see FORMATS.md, section 2.</summary>
    [Theory]
    [InlineData("epoch 0")]
    [InlineData("epoch 2^63")]
    [InlineData("highest epoch 0")]
    [InlineData("highest epoch 2^63")]
    [InlineData("replica epoch 2^63")]
    [InlineData("a device of less than nothing")]
    [InlineData("a gap among the ancestors")]
    [InlineData("a transaction of no generation")]
    [InlineData("a journal of no generation")]
    [InlineData("a journal of less than nothing")]
    [InlineData("an overflow of less than nothing")]
    [InlineData("something behind the last field")]
    public void AWholeSlotOutOfItsBoundsIsRefusedAndNotPassedBy(string what)
    {
        var pending = Full.Pending!;
        const ulong TooHigh = SourceLineage.MaxEpoch + 1;
        var slot = what switch
        {
            "epoch 0" => Slot(Full with { Epoch = 0 }),
            "epoch 2^63" => Slot(Full with { Epoch = TooHigh }),
            "highest epoch 0" => Slot(Full with { HighestEpoch = 0 }),
            "highest epoch 2^63" => Slot(Full with { HighestEpoch = TooHigh }),
            "replica epoch 2^63" => Slot(Full with { ReplicaEpoch = TooHigh }),
            "a device of less than nothing" => Slot(Full with { LengthBytes = -1 }),
            "a gap among the ancestors" => Slot(Full with { Ancestors = [IdOf(1), Guid.Empty, IdOf(2)] }),
            "a transaction of no generation" => Slot(
                Full with
                {
                    Pending = new PendingGeneration(Guid.Empty, IdOf(7), 0, default),
                }
            ),
            "a journal of no generation" => Slot(
                Full with
                {
                    Pending = new PendingGeneration(Guid.Empty, Guid.Empty, 1, default),
                }
            ),
            "a journal of less than nothing" => Slot(
                Full with
                {
                    Pending = pending with { JournalBytes = -1 },
                }
            ),
            "an overflow of less than nothing" => Slot(Full with { OverflowLimitBytes = -1 }),
            _ => Changed(LastZero, 1),
        };
        Assert.Throws<InvalidDataException>(() => StateSlot.TryDecode(slot));
        Save(Full);
        _directory.BytesOf("state")!.Damage(SlotDistance, slot);
        var failure = Assert.Throws<StateException>(() => TargetRecord.Load(_directory));
        Assert.Equal(ErrorId.StateDamaged, failure.Id);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(SlotDistance)]
    public void OneDamagedSlotFallsBackToTheOther(int offset)
    {
        using var state = StateFile.Create(_directory, Full, _services);
        var newer = Full with { Epoch = Full.Epoch + 1 };
        state.Save(newer);
        var isNewerLost = offset == Newest();
        _directory.BytesOf("state")!.Damage(offset, new byte[1]);
        Assert.Equal(isNewerLost ? Full : newer, TargetRecord.Load(_directory));
    }

    [Fact]
    public void TwoDamagedSlotsAreNeverMadeAnew()
    {
        Save(Full);
        foreach (var slot in new[] { 0, SlotDistance })
        {
            _directory.BytesOf("state")!.Damage(slot, new byte[1]);
        }

        var before = _directory.BytesOf("state")!.ToArray();
        var failure = Assert.Throws<StateException>(() => StateFile.TryOpen(_directory, _services));
        Assert.Equal(ErrorId.StateDamaged, failure.Id);
        Assert.Equal(before, _directory.BytesOf("state")!.ToArray());
    }

    /// <summary>Even numbers go into the first slot and odd ones into the second, so the slot that is written is never the newest.</summary>
    [Fact]
    public void EachSaveGoesIntoTheOlderSlot()
    {
        using var state = StateFile.Create(_directory, Full, _services);
        for (var number = 0; number < 6; number++)
        {
            var newest = Newest();
            var kept = ReadSlot(newest);
            var next = Full with { Epoch = 100 + (ulong)number };
            state.Save(next);
            Assert.Equal(kept, ReadSlot(newest));
            Assert.NotEqual(newest, Newest());
            Assert.Equal(next, TargetRecord.Load(_directory));
            Assert.Equal(Newest() == 0 ? 0UL : 1UL, ReadSlot(Newest())!.Value.Sequence % 2);
        }
    }

    /// <summary>Bytes behind which nobody looks are no state.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(511)]
    public void AFileThatIsTooShortIsDamaged(int length)
    {
        using (var file = _directory.Create("state"))
        {
            file.Write(0, StateSlot.Encode(Full, 2, 1).AsSpan(0, length));
            file.Flush();
        }

        Assert.Throws<StateException>(() => TargetRecord.Load(_directory));
    }

    private static TargetRecord Full { get; } =
        new()
        {
            Status = TargetStatus.Committed,
            Volume = new Volume(IdOf(1), new StrongHash(HashAlgorithmId.XxHash128, 5), 65536),
            LengthBytes = 123_456_789,
            DeviceKey = IdOf(2),
            Epoch = 3,
            ReplicaEpoch = 2,
            HighestEpoch = 9,
            Generation = IdOf(3),
            Ancestors = [.. Enumerable.Range(10, SourceLineage.MaxAncestorCount).Select(IdOf)],
            Root = new Digest(4, 5),
            DataTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            ChangedAt = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero),
            IsFuzzy = true,
            Pending = new PendingGeneration(IdOf(6), IdOf(7), 4711, new Digest(8, 0)),
            OverflowLimitBytes = 777,
        };

    private static Guid IdOf(int number) => new(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private static byte[] Slot(TargetRecord record) => StateSlot.Encode(record, 77, 88);

    private static byte[] Changed(int offset, byte value)
    {
        var slot = Slot(Full);
        slot[offset] = value;
        var hashed = slot.AsSpan(0, slot.Length - SHA256.HashSizeInBytes);
        SHA256.HashData(hashed).CopyTo(slot.AsSpan(hashed.Length));
        return slot;
    }

    private void Save(TargetRecord record)
    {
        using var state = StateFile.Create(_directory, record, _services);
    }

    private int Newest() =>
        ReadSlot(0)!.Value.Sequence > ReadSlot(SlotDistance)!.Value.Sequence ? 0 : SlotDistance;

    private (TargetRecord Record, ulong Sequence)? ReadSlot(int offset)
    {
        var slot = new byte[StateSlot.LengthBytes];
        _directory.BytesOf("state")!.Read(offset, slot);
        return StateSlot.TryDecode(slot);
    }
}
