using RsyncFs.Cli.Json;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>What this host sees on a target's device, and how it is kept away from it.</summary>
internal static class DeviceGuards
{
    /// <summary>Looks; what can not be found out is said in the entry and is no error. Null for what is no block device.</summary>
    public static GuardEntry? Of(string name, string path)
    {
        if (HostGuards.Of(name, path) is not { } guards)
        {
            return null;
        }

        var entry = new GuardEntry
        {
            UdevFile = guards.UdevFile,
            UdevRule = guards.UdevRule,
            LvmFilter = guards.LvmFilter,
            MdadmLine = guards.MdadmLine,
        };
        try
        {
            var found = KnownSignature.ProbeEach(path).ToList();
            return entry with
            {
                Signature = KnownSignature.Describe(path, found),
                Duplicates = [.. found.SelectMany(one => DeviceIdentity.TwinsOf(one.Member, one.Signature))],
            };
        }
        catch (RsyncFsException error)
        {
            return entry with { Unknown = $"{error.Message}: {error.Cause ?? error.Hint}" };
        }
    }
}
