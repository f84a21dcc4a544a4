using System.Text;
using Microsoft.Win32.SafeHandles;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Keys;

/// <summary>
/// Files on which depends who may write what: read only where nobody else could have put something into them. What is
/// wrong with a file is <see cref="ErrorId.KeyFile"/>; that the machine could not look at it, and it may be as good as
/// ever, is <see cref="ErrorId.StateIo"/>.
/// </summary>
public static class SafeFile
{
    private const int PermissionMask = 0xfff;
    private const int AllReadAndWrite = 0x1b6; // 0666
    private const int WritableByOthers = 0x12; // 0022
    private const int MaxLinkCount = 40; // path_resolution(7)
    private const int Sticky = 0x200; // 01000

    /// <summary>The text of the file at <paramref name="path"/>; null if there is none.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="what">What it is, for a message: <c>the key</c>.</param>
    /// <param name="forbidden">The permission bits that it must not have.</param>
    /// <exception cref="StateException">It can not be read, is no plain file, or others could read or change it, or put another in its place.</exception>
    public static string? TryRead(string path, string what, int forbidden)
    {
        using var file = TryOpen(path, what, forbidden, out _);
        return file is null ? null : Read(file, path, what);
    }

    /// <summary>As <see cref="TryRead"/>, where a link in its place is followed: a person may keep the file elsewhere. The directories on the way are looked at, too.</summary>
    /// <exception cref="StateException">As there; or the links lead nowhere.</exception>
    public static string? TryReadMeant(string path, string what, int forbidden)
    {
        for (var count = 0; new FileInfo(path).LinkTarget is { } target; count++)
        {
            if (count == MaxLinkCount)
            {
                throw Unusable(what, path, "too many symbolic links", "name the file itself");
            }

            _ = Resolve(path, what);
            path = Path.GetFullPath(target, Path.GetDirectoryName(path)!);
        }

        return TryRead(path, what, forbidden);
    }

    /// <summary>As <see cref="TryRead"/>, but to be read only if <paramref name="status"/> says so.</summary>
    internal static SafeFileHandle? TryOpen(string path, string what, int forbidden, out Statx status)
    {
        status = default;
        if (Resolve(path, what) is not { } place)
        {
            return null;
        }

        // Not blocking: a pipe in its place would be waited for.
        const int Flags = LibC.ReadOnly | LibC.NonBlocking;
        var errno = NativeFile.Open(place, Flags | LibC.NoFollow, mode: 0, out var file);
        if (errno == Errno.NoEntry)
        {
            return null;
        }

        if (errno != 0)
        {
            throw Failed(
                what,
                path,
                errno,
                errno == Errno.TooManyLinks ? "it is a symbolic link" : $"open: {Errno.Describe(errno)}",
                "a plain file belongs there, owned by the user that rsyncfs runs as"
            );
        }

        try
        {
            errno = NativeFile.Stat(file!, out status);
            if (errno != 0)
            {
                throw Failed(what, path, errno, $"statx: {Errno.Describe(errno)}", hint: null);
            }

            RequireSafe(status, path, what, forbidden);
            return file;
        }
        catch
        {
            file!.Dispose();
            throw;
        }
    }

    /// <summary>All that is in a file.</summary>
    /// <exception cref="StateException">It can not be read.</exception>
    public static string Read(SafeFileHandle file, string path, string what)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(file, FileAccess.Read), Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (IOException failure)
        {
            throw CanNotLook(what, path, failure.Message, hint: null);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw Unusable(what, path, failure.Message, hint: null);
        }
    }

    /// <summary>
    /// Makes sure that nobody else can put another file in the place of one. What is opened must be what was looked at:
    /// that is the path that this gives, in whose directories there are no links any more.
    /// </summary>
    /// <returns>The path by which to open it; null if its directory is not there.</returns>
    /// <exception cref="StateException">Somebody can, or that can not be told.</exception>
    public static string? Resolve(string path, string what)
    {
        var directory = Path.GetDirectoryName(path)!;
        var errno = NativeFile.Resolve(directory, out var parent);
        if (errno == Errno.NoEntry)
        {
            return null;
        }

        var place = parent is null ? null : Path.Combine(parent, Path.GetFileName(path));
        while (errno == 0 && !string.IsNullOrEmpty(parent))
        {
            errno = NativeFile.Stat(parent, out var status);
            if (errno == 0)
            {
                RequireSafeDirectory(status, parent, what);
                parent = Path.GetDirectoryName(parent);
            }
        }

        if (errno != 0)
        {
            throw Failed(what, parent ?? directory, errno, Errno.Describe(errno), hint: null);
        }

        return place;
    }

    private static void RequireSafe(in Statx status, string path, string what, int forbidden)
    {
        if (!status.IsRegularFile)
        {
            throw Unusable(what, path, $"it is {status.Describe()}", "a plain file belongs there");
        }

        if (!IsOurs(status))
        {
            throw Unusable(
                what,
                path,
                $"it belongs to user {status.UserId}",
                $"chown {LibC.EffectiveUser()} {path}"
            );
        }

        if ((status.Mode & forbidden) != 0)
        {
            var allowed = Convert.ToString(AllReadAndWrite & ~forbidden, toBase: 8).PadLeft(4, '0');
            throw Unusable(
                what,
                path,
                $"others may read or write it: its permissions are {Octal(status)}",
                $"chmod {allowed} {path}; if others had the time to read a key, make another"
            );
        }
    }

    private static void RequireSafeDirectory(in Statx status, string path, string what)
    {
        if (!IsOurs(status))
        {
            throw Unusable(
                what,
                path,
                $"this directory belongs to user {status.UserId}",
                LibC.EffectiveUser() == LibC.Root
                    ? $"if it is a service's, say it as its user, and name its places: runuser -u $(id -nu {status.UserId}) -- rsyncfs ... --state DIR; else keep {what} where only root may write"
                    : $"keep {what} where only root and the user that rsyncfs runs as may write"
            );
        }

        // In a directory with the sticky bit nobody renames what is another's.
        if ((status.Mode & WritableByOthers) != 0 && (status.Mode & Sticky) == 0)
        {
            throw Unusable(
                what,
                path,
                $"others may put files into this directory: its permissions are {Octal(status)}",
                $"chmod go-w {path}"
            );
        }
    }

    private static StateException Failed(string what, string path, int errno, string cause, string? hint) =>
        Errno.IsOfMachine(errno)
            ? CanNotLook(what, path, cause, LinuxError.TransferHint(errno))
            : Unusable(what, path, cause, hint);

    private static StateException CanNotLook(string what, string path, string cause, string? hint) =>
        new(ErrorId.StateIo, $"{what} could not be read")
        {
            Where = path,
            Cause = cause,
            Hint = hint,
        };

    private static StateException Unusable(string what, string path, string cause, string? hint) =>
        new(ErrorId.KeyFile, $"{what} can not be used")
        {
            Where = path,
            Cause = cause,
            Hint = hint,
        };

    private static bool IsOurs(in Statx status) =>
        status.UserId == 0 || status.UserId == LibC.EffectiveUser();

    private static string Octal(in Statx status) =>
        Convert.ToString(status.Mode & PermissionMask, toBase: 8).PadLeft(4, '0');
}
