using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Maps;

namespace RsyncFs.Fuzz.Targets;

/// <summary>A digest map of three blocks.</summary>
internal sealed class MapTarget : FuzzTarget
{
    private const string FileName = "map";
    private const int HashAt = DigestMapHeader.LengthBytes - SHA256.HashSizeInBytes;
    private const int RootAt = 48;
    private const int GroupsAt = DigestMapHeader.LengthBytes;
    private const int EntriesAt = GroupsAt + 4096;

    private static readonly BlockHasher Hasher = new(
        new BlockLayout(10_000, 4096),
        new StrongHash(HashAlgorithmId.XxHash128, 1)
    );

    /// <inheritdoc/>
    public override string Name => "map";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers => ["RsyncFs.Maps."];

    /// <inheritdoc/>
    public override int MaxLength => 16 * 1024;

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is StateException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var evidence in new[] { null, new ChangeEvidence("device", 5, "stamp") })
        {
            var directory = new MemoryDirectory();
            using var map = DigestMap.Create(directory, FileName, Hasher);
            map.Set(0, Entries());
            map.Seal(Guid.AllBitsSet, evidence);
            yield return directory.ContentOf(FileName);
        }
    }

    /// <inheritdoc/>
    public override byte[] Fix(byte[] input)
    {
        if (input.Length >= EntriesAt + (3 * Hasher.EntryLength))
        {
            var groups = input.AsSpan(GroupsAt, Hasher.Hash.DigestLength);
            Hasher.ComputeGroup(input.AsSpan(EntriesAt, 3 * Hasher.EntryLength)).Write(groups);
            Hasher.Hash.Compute(groups).Write(input.AsSpan(RootAt, Digest.MaxLengthBytes));
        }

        if (input.Length >= DigestMapHeader.LengthBytes)
        {
            SHA256.HashData(input.AsSpan(0, HashAt), input.AsSpan(HashAt, SHA256.HashSizeInBytes));
        }

        return input;
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        var directory = MemoryDirectory.Of(FileName, input);
        using var map = DigestMap.TryOpen(directory, FileName, Hasher);
        if (map is null)
        {
            return;
        }

        var header = map.Sealed!;
        var bytes = header.Encode(Hasher);
        Require(DigestMapHeader.TryDecode(bytes, Hasher) == header, "another header");
        Require(map.ComputeRoot() == header.Root, "the root is not that of the groups");
        Require(map.ReadGroup(0).Length == 3 * Hasher.EntryLength, "a group of another length");
        _ = map.ReadEntry(2);
        map.Replace(0, Entries(), (_, _) => { });
        map.Seal(header.Generation, header.Evidence);
        using var again = DigestMap.TryOpen(directory, FileName, Hasher);
        Require(
            again?.ReadGroup(0).AsSpan().SequenceEqual(Entries()) == true,
            "other entries are read again"
        );
    }

    private static byte[] Entries()
    {
        var entries = new byte[3 * Hasher.EntryLength];
        for (byte i = 0; i < 3; i++)
        {
            var signature = new Signature(i, new Digest(i, 0));
            BlockHasher.WriteEntry(signature, entries.AsSpan(i * Hasher.EntryLength, Hasher.EntryLength));
        }

        return entries;
    }
}
