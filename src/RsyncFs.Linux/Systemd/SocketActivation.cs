using System.Globalization;
using System.Net.Sockets;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;

namespace RsyncFs.Linux.Systemd;

/// <summary>A socket that the service manager made, and passes to the process that it starts: sd_listen_fds(3).</summary>
public static class SocketActivation
{
    // SD_LISTEN_FDS_START of sd-daemon.h.
    private const int FirstDescriptor = 3;

    private const string ProcessIdVariable = "LISTEN_PID";
    private const string CountVariable = "LISTEN_FDS";

    private static readonly string[] Variables =
    [
        ProcessIdVariable,
        "LISTEN_PIDFDID",
        CountVariable,
        "LISTEN_FDNAMES",
    ];

    /// <summary>
    /// The socket that was passed to this process; null if there is none. What tells of it is taken out of the
    /// environment, so that no child takes it for its own, and so it is found once.
    /// </summary>
    /// <exception cref="RsyncFsException">Several were passed, or one that is none of TCP that listens (<see cref="ErrorId.Usage"/>).</exception>
    public static TcpAcceptor? TryTake()
    {
        var values = Variables.ToDictionary(
            name => name,
            Environment.GetEnvironmentVariable,
            StringComparer.Ordinal
        );
        foreach (var name in Variables)
        {
            Environment.SetEnvironmentVariable(name, value: null);
        }

        return IsOnePassed(values[ProcessIdVariable], values[CountVariable], Environment.ProcessId)
            ? TcpAcceptor.Adopt(new SafeSocketHandle(FirstDescriptor, ownsHandle: true))
            : null;
    }

    /// <summary>What the variables say to the process with that id.</summary>
    /// <exception cref="RsyncFsException">They make no sense, or several sockets were passed.</exception>
    internal static bool IsOnePassed(string? meantProcess, string? count, int processId)
    {
        if (meantProcess is null || count is null || NumberIn(ProcessIdVariable, meantProcess) != processId)
        {
            return false;
        }

        return NumberIn(CountVariable, count) switch
        {
            0 => false,
            1 => true,
            var several => throw Unusable(
                $"there are {several}",
                "in the .socket unit: one ListenStream=; a receiver listens on one port"
            ),
        };
    }

    private static int NumberIn(string variable, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Unusable($"{variable}={text} is no number", "unset it, if no service manager has set it");

    private static RsyncFsException Unusable(string cause, string hint) =>
        new(ErrorId.Usage, "the sockets that were passed can not be used") { Cause = cause, Hint = hint };
}
