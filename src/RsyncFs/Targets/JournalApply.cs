using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;

namespace RsyncFs.Targets;

/// <summary>Writes the records of a journal onto the target, many at a time: scattered small writes live from being many.</summary>
/// <param name="target">The target.</param>
/// <param name="layout">Its blocks.</param>
/// <param name="journal">The journal, whole and durable.</param>
internal sealed class JournalApply(Target target, BlockLayout layout, Journal journal)
{
    private readonly ConcurrentBag<AlignedBuffer> _buffers = [];
    private long _bytesWritten;

    /// <summary>Applies <paramref name="records"/>. Doing it again ends the same.</summary>
    /// <exception cref="DeviceException">The target could not be written; some of the records are on it.</exception>
    /// <exception cref="StateException">The journal could not be read; some of the records are on the target.</exception>
    public void Run(IReadOnlyList<StagedRecord> records, Action<UpdateStep, long> progress)
    {
        void ApplyOne(StagedRecord staged)
        {
            var written = Apply(journal.Read(staged));
            progress(UpdateStep.Apply, Interlocked.Add(ref _bytesWritten, written));
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = target.WritesUnderWay };
        if (options.MaxDegreeOfParallelism == 1)
        {
            foreach (var staged in records)
            {
                ApplyOne(staged);
            }

            return;
        }

        try
        {
            Parallel.ForEach(records, options, ApplyOne);
        }
        catch (AggregateException failures)
        {
            // One failure is enough to report, and its own kind decides what is done about it.
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }

    private long Apply(JournalRecord record)
    {
        var device = target.Device;
        if (record.Type == JournalRecordType.ZeroRun)
        {
            var extent = layout.ExtentOf(record.FirstBlock, record.BlockCount);
            device.Zero(extent);
            return extent.LengthBytes;
        }

        var buffer = _buffers.TryTake(out var used) ? used : new AlignedBuffer(layout.BlockSizeBytes);
        var content = buffer.Span[..layout.LengthOf(record.FirstBlock)];
        var change = new BlockChange(record.FirstBlock, record.Signature.Strong)
        {
            WrittenPages = record.Written,
            Codec = record.Codec,
            Stored = record.Stored,
            ZeroedPages = record.Zeroed,
        };
        RequireCodec(record.Codec);
        BlockLiteral.Fill(layout, target.Codecs, change, old: default, content);
        var pages = BlockResolver.ChangedPages(layout, change);
        var written = PageWriter.Write(device, layout, record.FirstBlock, content, pages);
        _buffers.Add(buffer);
        return written;
    }

    /// <summary>What was staged was decoded then: if it can not be now, what decodes it was removed since.</summary>
    private void RequireCodec(CodecId codec)
    {
        if (codec != CodecId.Raw && target.Codecs.Find(codec) is null)
        {
            throw new StateException(
                ErrorId.DependencyMissing,
                $"the journal is compressed by codec {(byte)codec}, which is not installed any more"
            )
            {
                Where = target.Name,
                Cause = codec == CodecId.Zstd ? "libzstd.so.1 is missing: apt-get install libzstd1" : null,
            };
        }
    }
}
