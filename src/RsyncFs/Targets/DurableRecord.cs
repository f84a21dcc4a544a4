using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>
/// A small record that is either the old one or the new one, whatever happens in between: written under another
/// name, flushed, renamed over the old, and the directory flushed.
/// </summary>
/// <remarks>File: magic 8, version u16, body length u32, body, SHA-256 of all before (32).</remarks>
internal static class DurableRecord
{
    private const ushort Version = 1;
    private const int MagicLength = 8;
    private const int HeadLength = MagicLength + sizeof(ushort) + sizeof(uint);
    private const int MaxBodyLength = 64 * 1024;

    /// <summary>Makes <paramref name="body"/> the durable content of record <paramref name="name"/>.</summary>
    /// <exception cref="StateException">It is the old or the new one; the next load tells which.</exception>
    public static void Save(
        IDurableDirectory directory,
        string name,
        ReadOnlySpan<byte> magic,
        ByteWriter body
    )
    {
        var record = new ByteWriter(HeadLength + body.Length + SHA256.HashSizeInBytes);
        record.WriteBytes(magic);
        record.WriteUInt16(Version);
        record.WriteUInt32((uint)body.Length);
        record.WriteBytes(body.Written);
        var hash = SHA256.HashData(record.Written);
        record.WriteBytes(hash);

        var newName = name + ".new";
        using (var file = directory.Create(newName))
        {
            file.Write(0, record.Written);
            file.Flush();
        }

        directory.Rename(newName, name);
        directory.Flush();
    }

    /// <summary>The body of record <paramref name="name"/>, or null if there is none.</summary>
    /// <exception cref="StateException">There is one, and it is damaged, of another kind or of a newer version.</exception>
    public static byte[]? Load(IDurableDirectory directory, string name, ReadOnlySpan<byte> magic)
    {
        if (!directory.Exists(name))
        {
            return null;
        }

        using var file = directory.Open(name);
        if (file.LengthBytes is < HeadLength + SHA256.HashSizeInBytes or > HeadLength + MaxBodyLength)
        {
            throw Damaged(file, $"it has {file.LengthBytes} bytes");
        }

        var bytes = new byte[file.LengthBytes];
        file.Read(0, bytes);
        return Decode(file, bytes, magic);
    }

    private static byte[] Decode(IDurableFile file, byte[] bytes, ReadOnlySpan<byte> magic)
    {
        var content = bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes);
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
        {
            throw Damaged(file, "its checksum does not fit");
        }

        var reader = new ByteReader(content);
        if (!reader.ReadBytes(MagicLength).SequenceEqual(magic))
        {
            throw Damaged(file, "it is a file of another kind");
        }

        var version = reader.ReadUInt16();
        if (version != Version)
        {
            throw new StateException(
                ErrorId.StateDamaged,
                "a state file has a version this rsyncfs does not know"
            )
            {
                Where = file.Name,
                Cause = $"version {version}, known is {Version}",
                Hint = "run the newer rsyncfs that wrote it",
            };
        }

        var length = reader.ReadUInt32();
        return length == reader.Remaining
            ? reader.ReadBytes(reader.Remaining).ToArray()
            : throw Damaged(file, $"it promises {length} bytes and has {reader.Remaining}");
    }

    private static StateException Damaged(IDurableFile file, string cause) =>
        new(ErrorId.StateDamaged, "a state file is damaged")
        {
            Where = file.Name,
            Cause = cause,
            Hint =
                "restore it from a backup of the state; without it, move it away: what it said is compared or asked for anew",
        };
}
