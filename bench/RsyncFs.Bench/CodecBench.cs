using System.Text;
using BenchmarkDotNet.Attributes;
using RsyncFs.Blocks;
using RsyncFs.Linux.Native;

namespace RsyncFs.Bench;

/// <summary>LZ4 of one block, there and back. Random bytes do not shrink: encoding them is what it costs to find that out.</summary>
public class CodecBench
{
    public const int BytesPerOperation = BlockLayout.DefaultBlockSizeBytes;

    // LZ4_compressBound (lz4.h), so that random bytes can be decoded, too.
    private const int StoredCapacity = BytesPerOperation + (BytesPerOperation / 255) + 16;

    private readonly Lz4Codec _codec = new();
    private readonly byte[] _data = new byte[BytesPerOperation];
    private readonly byte[] _decoded = new byte[BytesPerOperation];
    private readonly byte[] _encoded = new byte[StoredCapacity];
    private readonly byte[] _stored = new byte[StoredCapacity];
    private readonly byte[] _edited = new byte[BytesPerOperation];
    private readonly byte[] _patch = new byte[BytesPerOperation];
    private readonly PageBitmap _pages = PageBitmap.All(BytesPerOperation / BlockLayout.PageSizeBytes);
    private int _storedLength;
    private int _patchLength;

    public enum Content
    {
        Text,
        Random,
        Zeros,
    }

    [ParamsAllValues]
    public Content Data { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        if (Data == Content.Random)
        {
            random.NextBytes(_data);
        }
        else if (Data == Content.Text)
        {
            FillWithLogLines(_data, random);
        }

        _data.CopyTo(_edited, 0);
        for (var at = 100; at < _edited.Length; at += BlockLayout.PageSizeBytes)
        {
            random.NextBytes(_edited.AsSpan(at, 16));
        }

        _patchLength = BlockPatch.Encode(_codec, _pages, _data, _edited, _patch);
        _storedLength = _codec.Encode(_data, _stored);
    }

    [Benchmark]
    public int Encode() => _codec.Encode(_data, _encoded);

    /// <summary>The same block with an edit in each of its pages, as a patch of what it was.</summary>
    [Benchmark]
    public int EncodePatch() => BlockPatch.Encode(_codec, _pages, _data, _edited, _encoded);

    [Benchmark]
    public byte DecodePatch()
    {
        BlockPatch.Decode(_codec, _pages, _data, _patch.AsSpan(0, _patchLength), _decoded);
        return _decoded[^1];
    }

    [Benchmark]
    public byte Decode()
    {
        _codec.Decode(_stored.AsSpan(0, _storedLength), _decoded);
        return _decoded[^1];
    }

    private static void FillWithLogLines(Span<byte> data, Random random)
    {
        string[] words = ["accepted", "volume", "snapshot", "from", "reading", "closed", "peer", "retry"];
        while (!data.IsEmpty)
        {
            var word = words[random.Next(words.Length)];
            var line = Encoding.ASCII.GetBytes($"{random.Next(100_000)} {word} {words[random.Next(8)]}\n");
            var length = Math.Min(line.Length, data.Length);
            line.AsSpan(0, length).CopyTo(data);
            data = data[length..];
        }
    }
}
