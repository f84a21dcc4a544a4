using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>Looks for a file system, volume manager, RAID or partition table on a device: blkid(8) knows them all.</summary>
public static class KnownSignature
{
    private static readonly string[] IdentityKeys = ["UUID_SUB", "UUID", "PTUUID"];

    /// <summary>What the device bears, for a message: <c>ext4 (UUID ...)</c>; null if blkid knows nothing of it.</summary>
    /// <exception cref="DeviceException">The device could not be looked at. It must be taken for one that bears something.</exception>
    /// <exception cref="RsyncFsException">blkid is not installed (<see cref="ErrorId.DependencyMissing"/>). As above.</exception>
    /// <remarks>Of a group the first that bears something, with its path.</remarks>
    public static string? Find(string path) => Describe(path, ProbeEach(path));

    /// <summary>What <see cref="Find(string)"/> says, of what was found already.</summary>
    public static string? Describe(
        string path,
        IEnumerable<(string Member, DeviceSignature Signature)> found
    ) =>
        found
            .Select(one =>
                one.Member.Length == path.Length
                    ? one.Signature.Description
                    : $"{one.Signature.Description} on {one.Member}"
            )
            .FirstOrDefault();

    /// <summary>The devices at <paramref name="path"/> that bear something, looked at one by one as they are asked for.</summary>
    /// <exception cref="DeviceException">One could not be looked at. It must be taken for one that bears something.</exception>
    /// <exception cref="RsyncFsException">blkid is not installed (<see cref="ErrorId.DependencyMissing"/>). As above.</exception>
    public static IEnumerable<(string Member, DeviceSignature Signature)> ProbeEach(string path) =>
        from member in DevicePaths.Split(path)
        let signature = Probe(member)
        where signature is not null
        select (member, signature);

    /// <summary>What the device bears, and what identifies it to a host; null if blkid knows nothing of it.</summary>
    /// <exception cref="DeviceException">The device could not be looked at. It must be taken for one that bears something.</exception>
    /// <exception cref="RsyncFsException">blkid is not installed (<see cref="ErrorId.DependencyMissing"/>). As above.</exception>
    public static DeviceSignature? Probe(string path) => Probe(path, SystemProgram.Directories);

    /// <summary>The same as <see cref="Find(string)"/>, with the directories in which blkid may be.</summary>
    internal static string? Find(string path, IEnumerable<string> directories) =>
        Probe(path, directories)?.Description;

    private static DeviceSignature? Probe(string path, IEnumerable<string> directories)
    {
        var program = Blkid.Locate(directories);
        // blkid ends with 2, and says no more, for "nothing found" and for "could not be read": we must tell them apart.
        RequireReadable(path);
        var (exitCode, output, error) = Blkid.Run(program, path, "-p", "-o", "export", "--", path);
        return exitCode switch
        {
            0 => Read(output),
            2 when error.Length == 0 => null,
            8 => new DeviceSignature("several signatures that contradict each other", Token: null),
            _ => throw new DeviceException(
                ErrorId.TargetIo,
                "the target could not be searched for signatures"
            )
            {
                Where = path,
                Cause = $"blkid ended with {exitCode}: {error}",
                Hint = $"'blkid -p {path}' shows what it finds",
            },
        };
    }

    // -o export: one KEY=value a line, values escaped for a shell; the keys are in blkid(8) and libblkid's superblocks API.
    private static DeviceSignature Read(string output)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in output.Split('\n'))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                found[line[..equals]] = line[(equals + 1)..];
            }
        }

        // Members of one array or of one btrfs share a UUID; what tells them apart is UUID_SUB.
        var key = IdentityKeys.FirstOrDefault(found.ContainsKey);
        return new DeviceSignature(Describe(found), key is null ? null : $"{key}={found[key]}")
        {
            Type = found.GetValueOrDefault("TYPE"),
            IsFilesystem = found.GetValueOrDefault("USAGE") is "filesystem",
        };
    }

    private static string Describe(Dictionary<string, string> found) =>
        (found.GetValueOrDefault("TYPE"), found.GetValueOrDefault("PTTYPE")) switch
        {
            ({ } type, _) => type + Named("UUID", found),
            (null, { } table) => $"{table} partition table" + Named("PTUUID", found),
            _ => "a signature that blkid does not name",
        };

    private static string Named(string key, Dictionary<string, string> found) =>
        found.TryGetValue(key, out var uuid) ? $" ({key} {uuid})" : "";

    // Signatures lie at the beginning of a device and at its end (RAID, ZFS).
    private static unsafe void RequireReadable(string path)
    {
        const int EdgeBytes = 1024 * 1024;
        var errno = NativeFile.Open(path, LibC.ReadOnly, mode: 0, out var file);
        if (errno != 0)
        {
            throw LinuxError.Open(DeviceRole.Target, "open", path, errno);
        }

        using (file)
        {
            var edge = new byte[EdgeBytes];
            var length = Math.Max(0, LibC.Seek(file!, offset: 0, LibC.SeekEnd));
            foreach (var offset in (long[])[0, Math.Max(0, length - EdgeBytes)])
            {
                fixed (byte* memory = edge)
                {
                    errno = NativeFile.Read(file!, offset, memory, EdgeBytes, out _);
                }

                if (errno != 0)
                {
                    throw LinuxError.Transfer(DeviceRole.Target, "pread", path, offset, EdgeBytes, errno);
                }
            }
        }
    }
}
