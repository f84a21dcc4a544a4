using System.ComponentModel;
using System.Diagnostics;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>Runs blkid(8).</summary>
internal static class Blkid
{
    /// <summary>How it ends where nothing is found.</summary>
    public const int NothingFound = 2;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Its path.</summary>
    /// <exception cref="RsyncFsException">It is not installed (<see cref="ErrorId.DependencyMissing"/>).</exception>
    public static string Locate(IEnumerable<string> directories) =>
        SystemProgram.Find("blkid", directories)
        ?? throw new RsyncFsException(ErrorId.DependencyMissing, "blkid is not installed")
        {
            Hint = "apt-get install util-linux",
        };

    /// <summary>Runs it to its end.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="where">What it is asked about, for an error.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="DeviceException">It did not end in time.</exception>
    /// <exception cref="RsyncFsException">It could not be run.</exception>
    public static (int ExitCode, string Output, string Error) Run(
        string program,
        string where,
        params IEnumerable<string> arguments
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Deadline))
            {
                process.Kill();
                throw new DeviceException(ErrorId.TargetIo, "the target could not be searched for signatures")
                {
                    Where = where,
                    Cause = $"blkid did not end within {Deadline.TotalSeconds} s",
                };
            }

            return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult().Trim());
        }
        catch (Win32Exception missing)
        {
            throw new RsyncFsException(ErrorId.DependencyMissing, "blkid could not be run", missing)
            {
                Cause = missing.Message,
                Hint = "apt-get install util-linux",
            };
        }
    }
}
