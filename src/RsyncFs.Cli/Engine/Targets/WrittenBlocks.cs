using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.State;
using RsyncFs.Maps;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>
/// Counts the blocks of a promoted device that are not what they were when it was promoted, by its digest map. The
/// device is read in the process of the verb, so that a person who asks can also stop it.
/// </summary>
internal static class WrittenBlocks
{
    private const int ReadBytes = 4 * 1024 * 1024;

    /// <summary>The same document with the numbers; without, if there is no map of the generation it was promoted at.</summary>
    /// <exception cref="RsyncFsException">The device or the map could not be read. Nothing was changed.</exception>
    public static async Task<TargetChangeDocument> CountAsync(
        TargetChangeDocument target,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        // A receiver that is another user's says where its state is: root does not follow it there.
        if (!StateOwner.IsOwn(target.StateDirectory!))
        {
            return target;
        }

        var directory = LinuxDurableDirectory.OpenRoot(target.StateDirectory!);
        var record = TargetRecord.Load(directory);
        if (
            record is not { Volume: { } volume, Ancestors: [var promotedAt, ..] }
            || !record.MayBeOn(DeviceIdentity.StableIdOf(target.Device!))
        )
        {
            return target;
        }

        var layout = new BlockLayout(record.LengthBytes, volume.BlockSizeBytes);
        var hasher = new BlockHasher(layout, volume.Hash);
        using var map = DigestMap.TryOpen(directory, "map", hasher);
        using var device = DeviceOpener.OpenSource(target.Device!);
        if (map?.Sealed?.Generation != promotedAt || device.LengthBytes != record.LengthBytes)
        {
            return target;
        }

        var style =
            settings.Progress == ProgressStyle.Auto && terminal.IsInteractive
                ? ProgressStyle.Bar
                : settings.Progress;
        using var bar = style == ProgressStyle.Bar && !settings.Quiet ? new ProgressBar(terminal) : null;
        try
        {
            var changed = await Task.Run(
                () => Count(map, device, hasher, bar, cancellationToken),
                cancellationToken
            );
            return target with { ChangedBlocks = changed, TotalBlocks = layout.BlockCount };
        }
        catch (StateException damaged) when (damaged.Id == ErrorId.StateDamaged)
        {
            // A map that was left half brought up: then nobody knows.
            return target;
        }
    }

    private static long Count(
        DigestMap map,
        IBlockDevice device,
        BlockHasher hasher,
        ProgressBar? progress,
        CancellationToken cancellationToken
    )
    {
        var layout = hasher.Layout;
        var buffer = new AlignedBuffer(Math.Max(ReadBytes, layout.BlockSizeBytes));
        var blocksPerRead = buffer.Span.Length / layout.BlockSizeBytes;
        var changed = 0L;
        for (var first = 0L; first < layout.BlockCount; first += blocksPerRead)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = layout.OffsetOf(first);
            var content = buffer.Span[..(int)Math.Min(buffer.Span.Length, layout.LengthBytes - start)];
            device.Read(start, content);
            for (var block = first; block < first + blocksPerRead && block < layout.BlockCount; block++)
            {
                var bytes = content.Slice((int)(layout.OffsetOf(block) - start), layout.LengthOf(block));
                if (hasher.Hash.Compute(bytes) != map.ReadEntry(block).Strong)
                {
                    changed++;
                }
            }

            var done = start + content.Length;
            progress?.Report(
                new CycleProgress("scan", done, layout.LengthBytes, changed * layout.BlockSizeBytes, 0)
            );
        }

        return changed;
    }
}
