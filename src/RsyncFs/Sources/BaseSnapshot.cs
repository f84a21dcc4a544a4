using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Sources;

/// <summary>A snapshot that is kept: what a destination became, to ask the storage later what has changed since.</summary>
/// <param name="Generation">The generation that was made of it.</param>
/// <param name="Evidence">By what it is found again.</param>
public sealed record BaseSnapshot(Guid Generation, ChangeEvidence Evidence)
{
    internal static BaseSnapshot? Of(Guid generation, ChangeEvidence? evidence) =>
        evidence is null ? null : new BaseSnapshot(generation, evidence);

    internal static void Write(ByteWriter writer, BaseSnapshot? snapshot)
    {
        writer.WriteBoolean(snapshot is not null);
        if (snapshot is not null)
        {
            writer.WriteGuid(snapshot.Generation);
            EvidenceFields.Write(writer, snapshot.Evidence);
        }
    }

    internal static BaseSnapshot? Read(ref ByteReader reader) =>
        reader.ReadBoolean() ? new BaseSnapshot(reader.ReadGuid(), EvidenceFields.Read(ref reader)) : null;
}
