using System.Globalization;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;

namespace RsyncFs.Cli.Output;

/// <summary>One target with all that is known of it.</summary>
internal static class TargetSheet
{
    /// <summary>The sheet, a line feed at its end.</summary>
    public static string Print(TargetShowDocument show)
    {
        var target = show.Target;
        List<string> lines =
        [
            $"{target.Name}: {target.Status}, {TargetStatusText.Explain(target.Status)}",
            .. Rows(show).Where(row => row.Text is not null).Select(row => Row(row.Label, row.Text!)),
            .. show.Guards is { } guards ? Guards(guards) : [],
        ];
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>What it means that a device of this machine passes for the target's.</summary>
    public static string Twin(string device) =>
        $"{device} on this machine bears the same identity: mount, activate or assemble neither by UUID";

    private static IEnumerable<(string Label, string? Text)> Rows(TargetShowDocument show)
    {
        var target = show.Target;
        yield return ("served", Served(target));
        yield return ("error", target.Error is { } error ? $"{error.Message}: {error.Cause}" : null);
        yield return ("generation", Generation(show));
        yield return ("parent", show.Parent);
        yield return ("ancestors", show.Ancestors.Count > 1 ? Ancestors(show) : null);
        yield return ("pending", show.PendingGeneration);
        yield return ("interrupted", Interrupted(show));
        yield return ("data of", DataTime(target));
        yield return ("epoch", Epoch(show));
        yield return ("since", show.ChangedAt is { } since ? Time(since) : null);
        yield return ("volume", Volume(show.Volume));
        yield return ("device", target.Device);
        yield return ("device id", show.DeviceId);
        yield return ("size", show.Size is { } size ? $"{size} bytes ({new ByteSize(size)})" : null);
        yield return ("journal", Journal(show));
        yield return ("map", Map(show));
        yield return ("state in", show.StateDirectory);
    }

    private static string Served(TargetEntry target)
    {
        if (target.Local)
        {
            return "no, a destination of local syncs";
        }

        return (target.Served, target.Peer) switch
        {
            (false, _) => "no",
            (true, null) => "yes, no sender is at work",
            (true, var peer) => $"yes, {peer} is at work",
        };
    }

    private static string? Generation(TargetShowDocument show) =>
        show.Target.Generation is { } generation
            ? generation + (show.Fuzzy ? "  fuzzy: copied from a source that was in use" : "")
            : null;

    private static string Ancestors(TargetShowDocument show) =>
        string.Join(' ', show.Ancestors.Skip(1).Select(GenerationText.Of));

    private static string? DataTime(TargetEntry target) =>
        target is { DataTime: { } time, DataAgeSeconds: { } age }
            ? $"{Time(time)}, {DurationText.Of(TimeSpan.FromSeconds(age))} ago"
            : null;

    private static string? Epoch(TargetShowDocument show)
    {
        var epoch = show.Target.Epoch?.ToString(CultureInfo.InvariantCulture);
        if (show.ReplicaEpoch is { } before)
        {
            return $"{epoch}, promoted from {before}: senders with a lower one are refused";
        }

        return show.HighestEpoch is { } highest && highest > show.Target.Epoch
            ? $"{epoch}; {highest} was the highest here, and the next promote goes above it"
            : epoch;
    }

    private static string? Volume(VolumeEntry? volume) =>
        volume is null ? null : $"{volume.Id}, {volume.Hash}, blocks of {new ByteSize(volume.BlockSize)}";

    private static string Journal(TargetShowDocument show)
    {
        var overflow = show.JournalOverflow is { } limit
            ? $"; the last delta did not fit into {new ByteSize(limit)}"
            : "";
        return (show.JournalBytes is { } bytes ? $"{new ByteSize(bytes)}, {Holds(show)}" : "none") + overflow;
    }

    private static string Holds(TargetShowDocument show) =>
        (show.Target.Status, show.Target.Peer) switch
        {
            ("committed" or "faulted", _) => "the generation that is committed and not applied",
            (_, not null) => "what has come of the next generation",
            _ when show.Interrupted is null => "of a transfer that can not be gone on with",
            _ => "of an interrupted transfer",
        };

    private static string? Interrupted(TargetShowDocument show)
    {
        if (show.Interrupted is not { } transfer)
        {
            return null;
        }

        var size = transfer.Bytes is { } bytes
            ? $"{new ByteSize(bytes)}"
            : $"{transfer.Records} blocks and runs of zeros";
        var arrived = $"{size} of {GenerationText.Of(transfer.Generation)} arrived";
        return show.Target.Peer is null
            ? $"{arrived}; the next sync goes on with it if its source is as it was"
            : $"{arrived} so far";
    }

    private static string Map(TargetShowDocument show) =>
        (show.MapBytes, show.MapGeneration) switch
        {
            (null, _) => show.Target.Status is "empty" ? "none" : "none: the next cycle compares",
            ({ } bytes, null) => $"{new ByteSize(bytes)}, of no generation: being made, or void",
            ({ } bytes, { } generation) => $"{new ByteSize(bytes)}, of {GenerationText.Of(generation)}",
        };

    private static IEnumerable<string> Guards(GuardEntry guards)
    {
        yield return Row("content", guards.Unknown ?? guards.Signature ?? "nothing that blkid knows");
        foreach (var twin in guards.Duplicates)
        {
            yield return Row("WARNING", Twin(twin));
        }

        yield return "  to keep this host away from the content:";
        yield return $"    # {guards.UdevFile}   then: udevadm control --reload";
        foreach (var rule in guards.UdevRule.Split('\n'))
        {
            yield return $"    {rule}";
        }

        yield return "    # /etc/lvm/lvm.conf, section devices; the names are those of now, so say it again when they change";
        yield return $"    {guards.LvmFilter}";
        yield return "    # /etc/mdadm/mdadm.conf   then: update-initramfs -u";
        yield return $"    {guards.MdadmLine}";
    }

    private static string Time(DateTime time) =>
        time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Row(string label, string text) => $"  {label, -11} {text}";
}
