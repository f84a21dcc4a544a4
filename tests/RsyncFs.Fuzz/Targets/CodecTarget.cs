using System.Buffers.Binary;
using RsyncFs.Blocks;
using RsyncFs.Linux.Native;

namespace RsyncFs.Fuzz.Targets;

/// <summary>
/// Bytes that a codec decodes: u16 length of the data, u16 length of the dictionary with the codec in the two top bits,
/// the stored bytes. LZ4 and zstd are native code, which tells nothing of its branches: they are fed blindly.
/// </summary>
internal sealed class CodecTarget : FuzzTarget
{
    private const int Head = 4;
    private const int MostBytes = 16 * 1024;
    private const int RawBit = 0x8000;
    private const int ZstdBit = 0x4000;

    private readonly Lz4Codec _lz4 = new();
    private readonly RawCodec _raw = new();
    private readonly IBlockCodec _zstd = ZstdCodec.Find()!(3);
    private readonly IBlockCodec _denseZstd = ZstdCodec.Find()!(19);
    private readonly byte[] _dictionary = new byte[MostBytes];
    private readonly byte[] _stored = new byte[2 * MostBytes];
    private readonly Guarded _one = new(MostBytes);
    private readonly Guarded _other = new(MostBytes);

    public CodecTarget()
    {
        for (var i = 0; i < _dictionary.Length; i++)
        {
            _dictionary[i] = (byte)(i / 17);
        }
    }

    /// <inheritdoc/>
    public override string Name => "codec";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers => ["RsyncFs.Blocks.RawCodec"];

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is InvalidDataException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        int[] lengths = [1, 13, 64, 4096, MostBytes];
        foreach (var length in lengths)
        {
            foreach (var dictionary in new[] { 0, 12, MostBytes - 1 })
            {
                var data = _dictionary.AsSpan(0, length).ToArray();
                data[length / 2] ^= 0x55;
                var used = _lz4.Encode(data, _dictionary.AsSpan(0, dictionary), _stored);
                yield return [.. HeadOf(length, dictionary), .. _stored.AsSpan(0, used)];
                used = _lz4.Encode(data, _stored);
                yield return [.. HeadOf(length, 0), .. _stored.AsSpan(0, used)];
            }

            foreach (var codec in new[] { _zstd, _denseZstd })
            {
                var data = _dictionary.AsSpan(0, length).ToArray();
                data[length / 2] ^= 0x55;
                var used = codec.Encode(data, _stored);
                yield return [.. HeadOf(length, ZstdBit), .. _stored.AsSpan(0, used)];
            }
        }

        // A window of 2 GiB; a content of 2^64 - 3 bytes; a frame to be skipped; no bytes at all in a block.
        foreach (
            var frame in new[]
            {
                "28B52FFD80A80010000003800061",
                "28B52FFDE0FDFFFFFFFFFFFFFF03800061",
                "502A4D180500000068656C6C6F",
                "28B52FFD2005000000290000" + "68656C6C6F",
            }
        )
        {
            yield return [.. HeadOf(4096, ZstdBit), .. Convert.FromHexString(frame)];
        }

        yield return [.. HeadOf(5, RawBit), 1, 2, 3, 4, 5];
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        if (input.Length < Head)
        {
            return;
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(input) % (MostBytes + 1);
        var second = BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(2));
        IBlockCodec codec =
            (second & RawBit) != 0 ? _raw
            : (second & ZstdBit) != 0 ? _zstd
            : _lz4;
        var dictionary = codec == _zstd ? [] : _dictionary.AsSpan(0, second % MostBytes);
        var stored = input.AsSpan(Head);
        // The same bytes over two kinds of what was there before: what differs was not written.
        var one = _one.Take(length, 0xAA);
        var isGood = Decode(codec, stored, dictionary, one);
        var other = _other.Take(length, 0x55);
        Require(Decode(codec, stored, dictionary, other) == isGood, "decodes only now and then");
        Require(_one.IsWhole(length) && _other.IsWhole(length), "bytes beside the data were written");
        if (!isGood)
        {
            return;
        }

        Require(one.SequenceEqual(other), "some bytes of the data were not written");
        var used = dictionary.IsEmpty ? codec.Encode(one, _stored) : codec.Encode(one, dictionary, _stored);
        if (used > 0)
        {
            Require(Decode(codec, _stored.AsSpan(0, used), dictionary, other), "does not decode its own");
            Require(one.SequenceEqual(other), "other bytes when coded and decoded again");
        }
    }

    private static bool Decode(
        IBlockCodec codec,
        ReadOnlySpan<byte> stored,
        ReadOnlySpan<byte> dictionary,
        Span<byte> data
    )
    {
        try
        {
            if (dictionary.IsEmpty)
            {
                codec.Decode(stored, data);
            }
            else
            {
                codec.Decode(stored, dictionary, data);
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static byte[] HeadOf(int length, int second)
    {
        var head = new byte[Head];
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)length);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(2), (ushort)second);
        return head;
    }
}
