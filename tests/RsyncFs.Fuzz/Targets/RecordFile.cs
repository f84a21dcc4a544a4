using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RsyncFs.Fuzz.Targets;

/// <summary>Small records of the state directory: magic 8, version u16, body length u32, body, SHA-256.</summary>
internal static class RecordFile
{
    private const int LengthAt = 10;
    private const int HeadLength = 14;

    /// <summary>Makes length and hash of the record in <paramref name="file"/> fit.</summary>
    public static void Fix(Span<byte> file)
    {
        var length = file.Length - HeadLength - SHA256.HashSizeInBytes;
        if (length >= 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file[LengthAt..], (uint)length);
            SHA256.HashData(file[..^SHA256.HashSizeInBytes], file[^SHA256.HashSizeInBytes..]);
        }
    }
}
