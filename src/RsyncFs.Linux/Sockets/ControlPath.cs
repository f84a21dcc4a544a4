using System.Text;
using RsyncFs.Errors;

namespace RsyncFs.Linux.Sockets;

/// <summary>Where a control socket may lie.</summary>
internal static class ControlPath
{
    // unix(7): sun_path has 108 bytes, the last of them zero.
    private const int MaxPathBytes = 107;

    /// <summary>Refuses a path that no socket can have.</summary>
    /// <param name="path">The path.</param>
    /// <param name="extraBytes">So much is put behind it for a while.</param>
    /// <exception cref="RsyncFsException">It is too long.</exception>
    public static void Require(string path, int extraBytes)
    {
        var length = Encoding.UTF8.GetByteCount(path);
        if (length + extraBytes > MaxPathBytes)
        {
            throw new RsyncFsException(ErrorId.Usage, "the path of the control socket is too long")
            {
                Where = path,
                Cause = $"it has {length} bytes, and a socket's may have {MaxPathBytes - extraBytes}",
                Hint = "say another place: --socket /run/rsyncfs/NAME.sock, at 'serve' and at 'target'",
            };
        }
    }
}
