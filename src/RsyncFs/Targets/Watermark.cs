using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Targets;

/// <summary>
/// How far a first copy is on the device, durably (C4). It names the generation, and with it the sender's snapshot:
/// a copy of another snapshot compares what is there, and skips nothing.
/// </summary>
/// <param name="Generation">The generation that was begun.</param>
/// <param name="RecordCount">Records of its delta that are on the device.</param>
/// <param name="Chain">The chain over them.</param>
internal sealed record Watermark(Guid Generation, long RecordCount, Digest Chain)
{
    private const string FileName = "watermark";

    private static ReadOnlySpan<byte> Magic => "RSFSWMK1"u8;

    /// <summary>What <paramref name="directory"/> holds; null if there is none that can be read: then all is compared.</summary>
    /// <exception cref="StateException">The file could not be read.</exception>
    public static Watermark? Load(IDurableDirectory directory)
    {
        try
        {
            return DurableRecord.Load(
                directory,
                FileName,
                Magic,
                Decode,
                "remove it: the first copy compares"
            );
        }
        catch (StateException damaged) when (damaged.Id == ErrorId.StateDamaged)
        {
            return null;
        }
    }

    /// <summary>Removes it.</summary>
    /// <exception cref="StateException">It is still there.</exception>
    public static void Discard(IDurableDirectory directory) => directory.Delete(FileName);

    /// <summary>Makes it durable. To be called after the flush of the device that it speaks of.</summary>
    /// <exception cref="StateException">The old or this one is durable.</exception>
    public void Save(IDurableDirectory directory)
    {
        var body = new ByteWriter();
        body.WriteGuid(Generation);
        body.WriteInt64(RecordCount);
        body.WriteDigest(Chain, Digest.MaxLengthBytes);
        DurableRecord.Save(directory, FileName, Magic, body);
    }

    private static Watermark Decode(byte[] body)
    {
        var reader = new ByteReader(body);
        var mark = new Watermark(
            reader.ReadGuid(),
            reader.ReadCount(),
            reader.ReadDigest(Digest.MaxLengthBytes)
        );
        reader.EnsureEnd();
        return mark;
    }
}
