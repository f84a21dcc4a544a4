using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Asks for the signatures of all blocks of some consecutive groups.</summary>
/// <remarks>
/// <code>
/// length field
///      8 first group, i64
///      4 group count, u32: 1 to 64
/// </code>
/// </remarks>
/// <param name="FirstGroup">The first group.</param>
/// <param name="GroupCount">How many.</param>
public sealed record SignatureQuery(long FirstGroup, int GroupCount) : Message
{
    internal override MessageType Type => MessageType.SignatureQuery;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteInt64(FirstGroup);
        writer.WriteUInt32((uint)GroupCount);
    }

    internal static SignatureQuery Read(ref MessageReader reader)
    {
        var firstGroup = reader.ReadGroup();
        var count = reader.Bytes.ReadUInt32();
        return
            count is 0 or > ProtocolLimits.SignatureGroupCount
            || count > reader.Format.Layout.GroupCount - firstGroup
            ? throw new InvalidDataException($"signatures of {count} groups from group {firstGroup} on")
            : new SignatureQuery(firstGroup, (int)count);
    }
}
