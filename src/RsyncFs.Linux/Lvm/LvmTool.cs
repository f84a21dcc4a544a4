using System.Diagnostics;
using System.Globalization;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Lvm;

/// <summary>Runs the programs of LVM, device-mapper and thin-provisioning-tools, and gives what they print.</summary>
internal static class LvmTool
{
    // A command of LVM takes a second on a busy machine. One that takes minutes waits for something that does not come: a
    // suspended device, or udev. It is left alone: killed in its middle it could leave a volume suspended for good.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ReadingDeadline = TimeSpan.FromMinutes(15);

    /// <summary>Runs <paramref name="program"/>; gives its output.</summary>
    /// <param name="id">The error if it fails; <see cref="ErrorId.PermissionDenied"/> if that is why.</param>
    /// <param name="program">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <exception cref="DeviceException">It is not there, failed, or did not end in time.</exception>
    public static string Run(ErrorId id, string program, params IEnumerable<string> args)
    {
        string[] words = [.. args];
        var (exitCode, output, error) = Start(id, program, words);
        return exitCode == 0
            ? output
            : throw new DeviceException(IsDenied(error) ? ErrorId.PermissionDenied : id, $"{program} failed")
            {
                Where = $"{program} {string.Join(' ', words)}",
                Cause = string.Create(
                    CultureInfo.InvariantCulture,
                    $"exit code {exitCode}: {OneLine(error)}"
                ),
                Hint = HintOf(error),
            };
    }

    /// <summary>Runs <paramref name="program"/>, whatever comes of it.</summary>
    /// <exception cref="DeviceException">It is not there, or did not end in time.</exception>
    public static (int ExitCode, string Output, string Error) Start(
        ErrorId id,
        string program,
        params IEnumerable<string> args
    )
    {
        var start = StartOf(id, program, args);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Deadline))
        {
            throw new DeviceException(id, $"{program} did not end")
            {
                Where = $"{program} {string.Join(' ', start.ArgumentList)}",
                Cause = $"after {Deadline.TotalSeconds:F0} s; it is still there as process {process.Id}",
                Hint =
                    "a suspended device may be in its way: 'dmsetup info -C -o name,suspended' shows it, 'dmsetup resume NAME' ends that",
            };
        }

        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Runs <paramref name="program"/>, which only reads, and whose output may be long: it is parsed as it comes.</summary>
    /// <exception cref="DeviceException">It is not there, failed, or did not end in time.</exception>
    public static void Read(ErrorId id, string program, IReadOnlyList<string> args, Action<TextReader> parse)
    {
        using var process = Process.Start(StartOf(id, program, args))!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        using var deadline = new Timer(_ => End(process), null, ReadingDeadline, Timeout.InfiniteTimeSpan);
        try
        {
            parse(process.StandardOutput);
        }
        catch
        {
            process.Kill();
            throw;
        }

        if (!process.WaitForExit(Deadline) || process.ExitCode != 0)
        {
            process.Kill();
            throw new DeviceException(id, $"{program} failed")
            {
                Where = $"{program} {string.Join(' ', args)}",
                Cause = OneLine(error.GetAwaiter().GetResult()),
            };
        }
    }

    /// <summary>The deadline may come in the moment in which it ends, or was let go.</summary>
    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    private static ProcessStartInfo StartOf(ErrorId id, string program, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo(Locate(id, program), args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Its words are read by a program, and the descriptors that a parent of ours left open are not our affair.
        start.Environment["LC_ALL"] = "C";
        start.Environment["LVM_SUPPRESS_FD_WARNINGS"] = "1";
        return start;
    }

    /// <summary>True if <paramref name="program"/> is there.</summary>
    public static bool IsInstalled(string program) => SystemProgram.Find(program) is not null;

    /// <summary>Where <paramref name="program"/> is.</summary>
    /// <exception cref="DeviceException">Nowhere.</exception>
    public static string PathOf(ErrorId id, string program) => Locate(id, program);

    private static string Locate(ErrorId id, string program) =>
        SystemProgram.Find(program)
        ?? throw new DeviceException(id, $"{program} is not installed")
        {
            Where = string.Join(':', SystemProgram.Directories),
            Hint = $"apt-get install {PackageOf(program)}",
        };

    /// <summary>The Debian package that <paramref name="program"/> is in.</summary>
    public static string PackageOf(string program) =>
        program switch
        {
            "dmsetup" => "dmsetup",
            "setsid" or "flock" or "blockdev" => "util-linux",
            "timeout" or "cat" => "coreutils",
            "thin_delta" or "thin_dump" or "thin_ls" => "thin-provisioning-tools",
            _ => "lvm2",
        };

    private static string OneLine(string error) =>
        string.Join(
            "; ",
            error
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(line => !line.StartsWith("WARNING:", StringComparison.Ordinal))
        );

    private static string? HintOf(string error) =>
        IsNoRoom(error)
            ? "a snapshot needs free space in the volume group (vgs); a smaller one may do: --cow-size"
        : error.Contains("reached threshold", StringComparison.OrdinalIgnoreCase)
            ? "extend the thin pool: lvextend -L +10G VG/POOL, or lvextend --poolmetadatasize +64M VG/POOL"
        : IsDenied(error)
            ? "run as root; or name a snapshot of it that this user may read, with --snapshot none"
        : null;

    /// <summary>True if the group has not so much free space.</summary>
    public static bool IsNoRoom(DeviceException failure) => failure.Cause is { } cause && IsNoRoom(cause);

    private static bool IsNoRoom(string error) =>
        error.Contains("insufficient free space", StringComparison.OrdinalIgnoreCase);

    private static bool IsDenied(string error) =>
        error.Contains("Permission denied", StringComparison.OrdinalIgnoreCase);
}
