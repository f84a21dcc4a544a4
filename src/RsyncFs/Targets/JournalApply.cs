using System.Collections.Concurrent;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>Writes the records of a journal onto the target, many at a time: scattered small writes live from being many.</summary>
internal sealed class JournalApply(UpdateContext context, Journal journal)
{
    // Scattered 4 KiB writes reach the device's speed with some 32 under way; each thread has one.
    private const int WritesUnderWay = 32;

    private readonly BlockLayout _layout = context.Hasher.Layout;
    private readonly ConcurrentBag<AlignedBuffer> _buffers = [];
    private long _bytesWritten;

    /// <summary>Applies <paramref name="records"/>. Doing it again ends the same.</summary>
    /// <exception cref="DeviceException">The target could not be written; some of the records are on it.</exception>
    /// <exception cref="StateException">The journal could not be read; some of the records are on the target.</exception>
    public void Run(IReadOnlyList<StagedRecord> records, Action<UpdateStep, long> progress)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = WritesUnderWay };
        try
        {
            Parallel.ForEach(
                records,
                options,
                staged =>
                {
                    var written = Apply(journal.Read(staged));
                    progress(UpdateStep.Apply, Interlocked.Add(ref _bytesWritten, written));
                }
            );
        }
        catch (AggregateException failures)
        {
            // One failure is enough to report, and its own kind decides what is done about it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }

    private long Apply(JournalRecord record)
    {
        var device = context.Target.Device;
        if (record.Written is null)
        {
            var extent = _layout.ExtentOf(record.FirstBlock, record.BlockCount);
            device.Zero(extent);
            return extent.LengthBytes;
        }

        var buffer = _buffers.TryTake(out var used) ? used : new AlignedBuffer(_layout.BlockSizeBytes);
        var content = buffer.Span[.._layout.LengthOf(record.FirstBlock)];
        var change = new BlockChange(record.FirstBlock, record.Signature.Strong)
        {
            WrittenPages = record.Written,
            Codec = record.Codec,
            Stored = record.Stored,
            ZeroedPages = record.Zeroed,
        };
        BlockLiteral.Fill(_layout, context.Codec, change, content);
        var pages = BlockResolver.ChangedPages(_layout, change);
        var written = PageWriter.Write(device, _layout, record.FirstBlock, content, pages);
        _buffers.Add(buffer);
        return written;
    }
}
