using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>
/// What a sender durably knows of one source: the volume it is, and the digest map of what it last replicated. All
/// of it can be lost without harm: the next cycle compares.
/// </summary>
public sealed class SourceState
{
    private const string FileName = "volume";
    private const string MapName = "map";
    private const string ScratchName = "scratch-map";

    private readonly IDurableDirectory _directory;

    private SourceState(IDurableDirectory directory, Volume? volume)
    {
        _directory = directory;
        Volume = volume;
    }

    /// <summary>The volume, or null if this source was never replicated.</summary>
    public Volume? Volume { get; private set; }

    private static ReadOnlySpan<byte> Magic => "RSFSVOL1"u8;

    /// <summary>Reads what <paramref name="directory"/> holds.</summary>
    /// <exception cref="StateException">The record can not be read.</exception>
    public static SourceState Load(IDurableDirectory directory)
    {
        var body = DurableRecord.Load(directory, FileName, Magic);
        if (body is null)
        {
            return new SourceState(directory, volume: null);
        }

        try
        {
            var reader = new ByteReader(body);
            var volume = VolumeFields.Read(ref reader);
            reader.EnsureEnd();
            return new SourceState(directory, volume);
        }
        catch (InvalidDataException error)
        {
            throw new StateException(ErrorId.StateDamaged, "the state of a source can not be read", error)
            {
                Where = $"{directory.Name}/{FileName}",
                Cause = error.Message,
                Hint =
                    "remove it: the volume is then compared anew, which needs init=overwrite at the receiver",
            };
        }
    }

    /// <summary>Durably makes <paramref name="volume"/> the volume of this source.</summary>
    /// <exception cref="StateException">The old or this one is durable.</exception>
    public void Remember(Volume volume)
    {
        if (Volume == volume)
        {
            return;
        }

        var body = new ByteWriter();
        VolumeFields.Write(body, volume);
        DurableRecord.Save(_directory, FileName, Magic, body);
        Volume = volume;
    }

    /// <summary>The map of what was last replicated, or null if there is none that is whole and of this shape.</summary>
    /// <exception cref="StateException">The file could not be read.</exception>
    public DigestMap? OpenMap(BlockHasher hasher) => DigestMap.TryOpen(_directory, MapName, hasher);

    /// <summary>A new and empty map in place of whatever there was.</summary>
    /// <exception cref="StateException">The file could not be made.</exception>
    public DigestMap CreateMap(BlockHasher hasher) => DigestMap.Create(_directory, MapName, hasher);

    /// <summary>A new and empty map that is only there while it is open, for a session that writes nothing.</summary>
    /// <exception cref="StateException">The file could not be made.</exception>
    public DigestMap CreateScratchMap(BlockHasher hasher) =>
        DigestMap.CreateScratch(_directory, ScratchName, hasher);
}
