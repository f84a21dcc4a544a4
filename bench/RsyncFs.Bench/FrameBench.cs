using System.IO.Hashing;
using BenchmarkDotNet.Attributes;
using RsyncFs.Blocks;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Bench;

/// <summary>One Delta frame of four whole blocks of raw bytes: made with its checksum, and taken from a stream, checked and read.</summary>
public class FrameBench
{
    public const int BytesPerOperation = BlockCount * BlockSizeBytes;
    private const int BlockCount = 4;
    private const int BlockSizeBytes = BlockLayout.DefaultBlockSizeBytes;

    private readonly ByteWriter _frame = new();
    private readonly PayloadBuffers _buffers = new();
    private readonly XxHash3 _checksum = new();
    private SessionFormat? _format;
    private FrameReader? _reader;
    private DeltaBatch? _delta;
    private Action? _rewind;

    [GlobalSetup]
    public void Setup()
    {
        var layout = new BlockLayout(1L << 30, BlockSizeBytes);
        var hash = new StrongHash(HashAlgorithmId.XxHash128, 42);
        _format = new SessionFormat(layout, hash.DigestLength);
        var random = new Random(1);
        var records = new List<DeltaRecord>();
        for (var block = 0; block < BlockCount; block++)
        {
            var content = new byte[BlockSizeBytes];
            random.NextBytes(content);
            records.Add(
                new BlockChange(block, hash.Compute(content))
                {
                    WrittenPages = PageBitmap.All(layout.PageCountOf(block)),
                    Stored = content,
                }
            );
        }

        _delta = new DeltaBatch(records);
        Encode();
        var stream = new MemoryStream(_frame.ToArray());
        _rewind = () => stream.Position = 0;
        _reader = new FrameReader(stream) { OnBytes = () => { } };
    }

    [Benchmark]
    public int Encode()
    {
        MessageCoding.Encode(_delta!, _format, _frame, _checksum);
        return _frame.Length;
    }

    [Benchmark]
    public async Task<int> Decode()
    {
        _rewind!();
        var header = FrameHeader.Read((await _reader!.ReadHeaderAsync(CancellationToken.None)).Span, _format);
        var buffer = _buffers.Rent(header.PayloadLength);
        var payload = buffer.AsMemory(0, header.PayloadLength);
        await _reader.ReadPayloadAsync(header, payload, CancellationToken.None);
        var count = ((DeltaBatch)MessageCoding.Decode(header.Type, payload, _format)).Records.Count;
        _buffers.Return(buffer);
        return count;
    }
}
