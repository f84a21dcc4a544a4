using System.Text.RegularExpressions;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// Settings that keep the host of a replica from taking it for a disk of its own: a replica bears the UUID, the
/// physical volume or the array member of its source.
/// </summary>
/// <param name="UdevFile">A file for the rule. It comes behind 60-persistent-storage.rules, which reads the content, and before those that act on it (64-btrfs, 64-md-raid, 69-lvm).</param>
/// <param name="UdevRule">The rule: udev(7); of a group a line for each device.</param>
/// <param name="LvmFilter">A line for the section <c>devices</c> of lvm.conf(5).</param>
/// <param name="MdadmLine">A line for mdadm.conf(5).</param>
public sealed record HostGuards(string UdevFile, string UdevRule, string LvmFilter, string MdadmLine)
{
    // What was found on the content is forgotten; links that name the device by its content go. Those that name the
    // device by itself (by-id, by-path) stay: the target may be served by one.
    private const string Forget =
        """SYMLINK-="disk/by-uuid/$env{ID_FS_UUID_ENC}", SYMLINK-="disk/by-label/$env{ID_FS_LABEL_ENC}", ENV{ID_FS_TYPE}="", ENV{ID_FS_USAGE}="", ENV{ID_FS_UUID}="", ENV{SYSTEMD_READY}="0", ENV{UDISKS_IGNORE}="1" """;

    private const string OfMapper = """, ENV{DM_UDEV_DISABLE_OTHER_RULES_FLAG}="1" """;

    /// <summary>The settings for the device at <paramref name="path"/>; null for what is no block device.</summary>
    /// <param name="name">What the target is called, for the name of a file.</param>
    /// <param name="path">The device.</param>
    public static HostGuards? Of(string name, string path)
    {
        if (!DeviceIdentity.IsBlockDevice(path))
        {
            return null;
        }

        var members = DevicePaths.Split(path);
        return new HostGuards(
            $"/etc/udev/rules.d/60-rsyncfs-{FileNameOf(name)}.rules",
            string.Join('\n', members.Select(RuleOf)),
            LvmFilterOf(members),
            "AUTO -all"
        );
    }

    private static string RuleOf(string path)
    {
        NativeFile.Stat(path, out var status);
        var (match, isMapped) = BlockSysfs.UdevMatchOf(status.NodeNumber);
        var forget = Forget.TrimEnd() + (isMapped ? OfMapper.TrimEnd() : "");
        return $"""ACTION!="remove", SUBSYSTEM=="block", {match}, {forget}""";
    }

    /// <summary>
    /// A device with several names is accepted if any of them is (lvm.conf(5), filter), so each is rejected.
    /// </summary>
    private static string LvmFilterOf(IEnumerable<string> paths)
    {
        var rejected = paths
            .SelectMany(DeviceIdentity.NamesOf)
            .Select(name => $"\"r|^{Regex.Escape(name)}$|\"");
        return $"global_filter = [ {string.Join(", ", rejected)}, \"a|.*|\" ]";
    }

    private static string FileNameOf(string name) =>
        string.Concat(name.Trim('/').Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
}
