using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Maps;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>What <c>target list</c> and <c>target show</c> tell.</summary>
internal static class TargetReport
{
    /// <summary>All targets, in short.</summary>
    public static TargetListDocument List(
        string stateDirectory,
        IEnumerable<TargetView> views,
        DateTimeOffset now
    ) => new() { StateDirectory = stateDirectory, Targets = [.. views.Select(view => Entry(view, now))] };

    /// <summary>One target, in full.</summary>
    public static TargetShowDocument Show(TargetView view, DateTimeOffset now)
    {
        var record = view.Record;
        var document = new TargetShowDocument
        {
            Target = Entry(view, now),
            StateDirectory = view.Place.Path,
            DeviceId = view.Device?.StableId is { Length: > 0 } id ? id : null,
            JournalBytes = LengthOf(view, "journal"),
            MapBytes = LengthOf(view, "map"),
            Guards = view.DevicePath is { } path ? DeviceGuards.Of(view.Place.Name, path) : null,
        };
        return record is null
            ? document
            : document with
            {
                Parent = record.Ancestors.Count > 0 ? Text(record.Ancestors[0]) : null,
                Ancestors = [.. record.Ancestors.Select(ancestor => ancestor.ToString("N"))],
                PendingGeneration = record.Pending is { } pending ? Text(pending.Id) : null,
                Interrupted = Interrupted(view, record, now),
                Fuzzy = record.IsFuzzy,
                ReplicaEpoch = record.ReplicaEpoch == 0 ? null : record.ReplicaEpoch,
                HighestEpoch = record.HighestEpoch,
                ChangedAt = Time(record.ChangedAt),
                Volume = record.Volume is { } volume ? VolumeEntry.Of(volume) : null,
                Size = record.LengthBytes,
                JournalOverflow = record.OverflowLimitBytes == 0 ? null : record.OverflowLimitBytes,
                MapGeneration = MapGeneration(view, record),
            };
    }

    private static TargetEntry Entry(TargetView view, DateTimeOffset now)
    {
        var record = view.Record;
        var entry = new TargetEntry
        {
            Name = view.Place.Name,
            Local = view.Place.IsLocal,
            Served = view.IsServed,
            Peer = view.Peer?.ToString(),
            PeerName = view.Peer?.Name,
            PeerKey = view.Peer?.Key?.ToString(),
            Status = view.Error is null
                ? TargetStatusText.Word(record?.Status ?? TargetStatus.Empty)
                : TargetStatusText.Unreadable,
            Inconsistent = record?.Status.MayBeMixed() ?? false,
            Device = view.DevicePath,
            Error = view.Error is { } error ? ControlError.Of(error) : null,
        };
        if (record is null)
        {
            return entry;
        }

        var dataTime = Time(record.DataTime);
        return entry with
        {
            Generation = Text(record.Generation),
            DataTime = dataTime,
            DataAgeSeconds = dataTime is null
                ? null
                : Math.Max(0, Math.Round((now - record.DataTime).TotalSeconds)),
            Epoch = record.Epoch,
        };
    }

    private static string? MapGeneration(TargetView view, TargetRecord record)
    {
        if (record.Volume is not { } volume || record.LengthBytes <= 0)
        {
            return null;
        }

        var hasher = new BlockHasher(new BlockLayout(record.LengthBytes, volume.BlockSizeBytes), volume.Hash);
        using var map = DigestMap.TryOpen(view.Place.Open(), "map", hasher);
        return map?.Sealed is { } seal ? Text(seal.Generation) : null;
    }

    private static InterruptedEntry? Interrupted(TargetView view, TargetRecord record, DateTimeOffset now)
    {
        try
        {
            return InterruptedTransfer.Find(view.Place.Open(), record, now) is { } transfer
                ? InterruptedEntry.Of(transfer)
                : null;
        }
        catch (StateException)
        {
            // A session changed the files meanwhile: there is nothing that could be said of them.
            return null;
        }
    }

    private static long? LengthOf(TargetView view, string name)
    {
        var file = new FileInfo(Path.Combine(view.Place.Path, name));
        return file.Exists ? file.Length : null;
    }

    private static string? Text(Guid generation) =>
        generation == Guid.Empty ? null : generation.ToString("N");

    private static DateTime? Time(DateTimeOffset time) =>
        time == DateTimeOffset.UnixEpoch ? null : time.UtcDateTime;
}
