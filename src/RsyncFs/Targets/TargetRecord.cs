using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>What a receiver durably knows of a target: whose copy it is, and whether it is whole.</summary>
public sealed record TargetRecord
{
    private const string FileName = "state";
    private const byte Fuzzy = 1;
    private const int MaxDeviceIdBytes = 4096;

    private static ReadOnlySpan<byte> Magic => "RSFSTGT1"u8;

    /// <summary>Whether the device is one whole generation.</summary>
    public required TargetStatus Status { get; init; }

    /// <summary>The volume whose copy it is or is becoming.</summary>
    public required Volume Volume { get; init; }

    /// <summary>Bytes of the device.</summary>
    public required long LengthBytes { get; init; }

    /// <summary>What names the device itself; empty where nothing did when it was written.</summary>
    public string DeviceId { get; init; } = "";

    /// <summary>The generation that the device holds; zero while it is inconsistent.</summary>
    public Guid Generation { get; init; }

    /// <summary>The generation before it; zero for the first.</summary>
    public Guid Parent { get; init; }

    /// <summary>The root digest of <see cref="Generation"/>.</summary>
    public Digest Root { get; init; }

    /// <summary>When the source was as the device is now.</summary>
    public DateTimeOffset DataTime { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>True if <see cref="Generation"/> was copied from a source that was in use.</summary>
    public bool IsFuzzy { get; init; }

    /// <summary>The record in <paramref name="directory"/>, or null if the target was never initialised.</summary>
    /// <exception cref="StateException">There is one that can not be read.</exception>
    public static TargetRecord? Load(IDurableDirectory directory)
    {
        var body = DurableRecord.Load(directory, FileName, Magic);
        if (body is null)
        {
            return null;
        }

        try
        {
            return Decode(body);
        }
        catch (InvalidDataException error)
        {
            throw new StateException(ErrorId.StateDamaged, "the state of a target can not be read", error)
            {
                Where = $"{directory.Name}/{FileName}",
                Cause = error.Message,
            };
        }
    }

    /// <summary>Makes this record the durable one.</summary>
    /// <exception cref="StateException">The old or this one is durable; the next load tells which.</exception>
    public void Save(IDurableDirectory directory)
    {
        var body = new ByteWriter();
        body.WriteByte((byte)Status);
        body.WriteByte(IsFuzzy ? Fuzzy : (byte)0);
        body.WriteInt64(LengthBytes);
        VolumeFields.Write(body, Volume);
        body.WriteGuid(Generation);
        body.WriteGuid(Parent);
        body.WriteDigest(Root, Digest.MaxLengthBytes);
        body.WriteTime(DataTime);
        body.WriteString(DeviceId, MaxDeviceIdBytes);
        DurableRecord.Save(directory, FileName, Magic, body);
    }

    private static TargetRecord Decode(byte[] body)
    {
        var reader = new ByteReader(body);
        var status = (TargetStatus)reader.ReadByte();
        if (status is not (TargetStatus.Inconsistent or TargetStatus.Consistent))
        {
            throw new InvalidDataException($"unknown status {(byte)status}");
        }

        var flags = reader.ReadByte();
        if (flags > Fuzzy)
        {
            throw new InvalidDataException($"unknown flags {flags}");
        }

        var record = new TargetRecord
        {
            Status = status,
            IsFuzzy = flags == Fuzzy,
            LengthBytes = reader.ReadInt64(),
            Volume = VolumeFields.Read(ref reader),
            Generation = reader.ReadGuid(),
            Parent = reader.ReadGuid(),
            Root = reader.ReadDigest(Digest.MaxLengthBytes),
            DataTime = reader.ReadTime(),
            DeviceId = reader.ReadString(MaxDeviceIdBytes),
        };
        reader.EnsureEnd();
        return record;
    }
}
