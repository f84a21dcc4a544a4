using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Journals;
using RsyncFs.Linux.Native;
using RsyncFs.Targets;

namespace RsyncFs.Fuzz.Targets;

/// <summary>The two slots of a target's state, one behind the other.</summary>
internal sealed class StateTarget : FuzzTarget
{
    private const string FileName = "state";
    private const int HashAt = StateSlot.LengthBytes - SHA256.HashSizeInBytes;
    private const long SecondSlotAt = 1024 * 1024;

    private readonly Services _services = new(new Lz4Codec(), new FrozenClock(), new SeededNumbers(1));

    /// <inheritdoc/>
    public override string Name => "state";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers =>
        ["RsyncFs.Targets.StateFile", "RsyncFs.Targets.StateSlot", "RsyncFs.Targets.TargetRecord"];

    /// <inheritdoc/>
    public override int MaxLength => 2 * StateSlot.LengthBytes;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words => ["RSFSTGT2"u8.ToArray()];

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is StateException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        var volume = new Volume(Id(1), new StrongHash(HashAlgorithmId.Sha256, 0), 65536);
        var consistent = new TargetRecord
        {
            Status = TargetStatus.Consistent,
            Volume = volume,
            LengthBytes = 1_000_000,
            Generation = Id(2),
            Ancestors = [Id(3), Id(4)],
            Root = new Digest(5, 6),
        };
        var pending = new PendingGeneration(Id(7), Id(8), 4608, new Digest(9, 0));
        yield return Both(consistent, consistent with { Status = TargetStatus.Committed, Pending = pending });
        yield return Both(
            consistent with
            {
                Status = TargetStatus.Adopted,
                Volume = null,
                IsFuzzy = true,
            },
            consistent with
            {
                Status = TargetStatus.Primary,
                ReplicaEpoch = 1,
                Epoch = 3,
                HighestEpoch = 3,
            }
        );
        foreach (var status in Enum.GetValues<TargetStatus>().Where(status => status != TargetStatus.Empty))
        {
            yield return StateSlot.Encode(consistent with { Status = status }, 4, 5);
        }
    }

    /// <inheritdoc/>
    public override byte[] Fix(byte[] input)
    {
        for (var at = 0; at + StateSlot.LengthBytes <= input.Length; at += StateSlot.LengthBytes)
        {
            SHA256.HashData(input.AsSpan(at, HashAt), input.AsSpan(at + HashAt, SHA256.HashSizeInBytes));
        }

        return input;
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        var first = Math.Min(input.Length, StateSlot.LengthBytes);
        var directory = MemoryDirectory.Of(FileName, input.AsSpan(0, first));
        if (input.Length > first)
        {
            directory.Open(FileName).Write(SecondSlotAt, input.AsSpan(first));
        }

        using var state = StateFile.TryOpen(directory, _services)!;
        var changed = state.Record with { OverflowLimitBytes = 5 };
        state.Save(changed);
        Require(TargetRecord.Load(directory)?.Equals(changed) == true, "what was saved is not what is read");
    }

    private static byte[] Both(TargetRecord one, TargetRecord other) =>
        [.. StateSlot.Encode(one, 2, 1), .. StateSlot.Encode(other, 3, 2)];

    private static Guid Id(byte number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
