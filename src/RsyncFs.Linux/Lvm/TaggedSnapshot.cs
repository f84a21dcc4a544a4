using System.Globalization;
using RsyncFs.Devices;

namespace RsyncFs.Linux.Lvm;

/// <summary>A volume of LVM that bears the tag of this program: a snapshot, ours or another's, or what is left of one.</summary>
public sealed class TaggedSnapshot
{
    private readonly LogicalVolume _volume;

    internal TaggedSnapshot(LogicalVolume volume) => _volume = volume;

    /// <summary>Group and name, as the commands of LVM take it.</summary>
    public string Name => _volume.FullName;

    /// <summary>What a source remembers of a snapshot; by the uuids of group and volume, so that no other can pass for it.</summary>
    public ChangeEvidence Evidence => LvmSnapshot.EvidenceOf(_volume);

    /// <summary>What it is of, its size and how full it is, in words.</summary>
    public string Description
    {
        get
        {
            var origin =
                _volume.Origin.Length > 0 ? $"of {_volume.Group}/{_volume.Origin}" : "of no volume any more";
            var fill =
                _volume.IsThin ? Text($"thin, {_volume.SizeBytes} bytes, {_volume.DataPercent:F1} % mapped")
                : _volume.IsOverflown ? Text($"{_volume.SizeBytes} bytes, ran full")
                : Text($"{_volume.SizeBytes} bytes, {_volume.FillPercent:F1} % full");
            return $"{origin}, {fill}";
        }
    }

    /// <summary>True if <paramref name="owner"/> took it, and it still is what was taken: by its name too, and a snapshot.</summary>
    public bool IsOf(string owner) => OwnSnapshots.IsOf(OwnSnapshots.TagOf(owner), _volume);

    /// <summary>True if it was taken together with those of other volumes.</summary>
    public bool IsOfGroup =>
        _volume.Name.StartsWith(OwnSnapshots.NamePrefix, StringComparison.Ordinal)
        && _volume.Name[OwnSnapshots.NamePrefix.Length..].Contains('-', StringComparison.Ordinal);

    /// <summary>Removes it. Only under the lock of the source whose it is (C18).</summary>
    /// <returns>What was in the way, in words for a person; null if it is gone.</returns>
    public string? Remove() => OwnSnapshots.Remove(_volume);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
