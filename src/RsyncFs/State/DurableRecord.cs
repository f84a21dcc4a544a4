using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.State;

/// <summary>
/// A small record that is either the old one or the new one, whatever happens in between: written under another
/// name, flushed, renamed over the old, and the directory flushed.
/// </summary>
/// <remarks>File: magic 8, version u16, body length u32, body, SHA-256 of all before (32).</remarks>
internal static class DurableRecord
{
    /// <summary>The longest body, so that no more memory is taken for a damaged file.</summary>
    public const int MaxBodyLength = 4 * 1024 * 1024;

    private const ushort Version = 1;
    private const int MagicLength = 8;
    private const int HeadLength = MagicLength + sizeof(ushort) + sizeof(uint);

    /// <summary>Makes <paramref name="body"/> the durable content of record <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">It is longer than what is read again. Nothing was written.</exception>
    /// <exception cref="StateException">It is the old or the new one; the next load tells which.</exception>
    public static void Save(
        IDurableDirectory directory,
        string name,
        ReadOnlySpan<byte> magic,
        ByteWriter body
    )
    {
        if (body.Length > MaxBodyLength)
        {
            throw new ArgumentException($"record {name} has {body.Length} bytes", nameof(body));
        }

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

    /// <summary>What record <paramref name="name"/> says, or null if there is none.</summary>
    /// <param name="directory">Where it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="magic">What it begins with.</param>
    /// <param name="decode">Reads its body; throws <see cref="InvalidDataException"/> if it makes no sense.</param>
    /// <param name="hint">What a person does who has lost it.</param>
    /// <exception cref="StateException">There is one, and it is damaged, of another kind or of a newer version.</exception>
    public static T? Load<T>(
        IDurableDirectory directory,
        string name,
        ReadOnlySpan<byte> magic,
        Func<byte[], T> decode,
        string hint
    )
        where T : class
    {
        if (!directory.Exists(name))
        {
            return null;
        }

        using var file = directory.Open(name);
        try
        {
            return decode(ReadBody(file, magic));
        }
        catch (InvalidDataException damage)
        {
            throw new StateException(ErrorId.StateDamaged, "a state file is damaged", damage)
            {
                Where = file.Name,
                Cause = damage.Message,
                Hint = $"restore it from a backup of the state; without one {hint}",
            };
        }
    }

    private static byte[] ReadBody(IDurableFile file, ReadOnlySpan<byte> magic)
    {
        if (
            file.LengthBytes
            is < HeadLength + SHA256.HashSizeInBytes
                or > HeadLength + MaxBodyLength + SHA256.HashSizeInBytes
        )
        {
            throw new InvalidDataException($"it has {file.LengthBytes} bytes");
        }

        var bytes = new byte[file.LengthBytes];
        file.Read(0, bytes);
        var content = bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes);
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
        {
            throw new InvalidDataException("its checksum does not fit");
        }

        var reader = new ByteReader(content);
        if (!reader.ReadBytes(MagicLength).SequenceEqual(magic))
        {
            throw new InvalidDataException("it is a file of another kind");
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
            : throw new InvalidDataException($"it promises {length} bytes and has {reader.Remaining}");
    }
}
