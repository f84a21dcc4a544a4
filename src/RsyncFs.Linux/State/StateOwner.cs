using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.State;

/// <summary>
/// Whose a state directory is. What stands in it says which devices are written, and with what: root believes none that
/// another user could have written, and so made, at any place below.
/// </summary>
public static class StateOwner
{
    private const int WritableByOthers = 0x12; // 0022

    /// <summary>True if this process may believe what is in <paramref name="directory"/>: it is not there, or nobody but its own user, and root, can have written it.</summary>
    /// <exception cref="StateException">It can not be looked at.</exception>
    public static bool IsOwn(string directory) => ObstacleTo(directory) is null;

    /// <summary>Makes sure of that.</summary>
    /// <exception cref="StateException">Another user could have, or it can not be looked at. Nothing in it was read.</exception>
    public static void Require(string directory)
    {
        if (ObstacleTo(directory) is not var (cause, hint))
        {
            return;
        }

        throw new StateException(ErrorId.PermissionDenied, "the state is not root's alone")
        {
            Where = directory,
            Cause = $"{cause}, and could make root write anywhere by what stands in it",
            Hint = hint,
        };
    }

    private static (string Cause, string Hint)? ObstacleTo(string directory)
    {
        // Whoever is not root can be led to nothing but what is his.
        if (LibC.EffectiveUser() != LibC.Root)
        {
            return null;
        }

        var errno = NativeFile.Stat(directory, out var status);
        if (errno == Errno.NoEntry)
        {
            return null;
        }

        if (errno != 0)
        {
            throw LinuxError.State("statx", directory, errno);
        }

        return status.UserId != LibC.Root
                ? (
                    $"it belongs to user {status.UserId}, who may write it",
                    $"say it as that user: runuser -u $(id -nu {status.UserId}) -- rsyncfs ... --state {directory}"
                )
            : (status.Mode & WritableByOthers) != 0
                ? ("users other than root may write it", $"chmod go-w {directory}")
            : null;
    }
}
