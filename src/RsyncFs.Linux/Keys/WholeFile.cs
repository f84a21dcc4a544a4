using System.Text;
using RsyncFs.Linux.Native;
using RsyncFs.Linux.State;

namespace RsyncFs.Linux.Keys;

/// <summary>Small text files that are there as a whole or not at all.</summary>
public static class WholeFile
{
    private const int OwnerOnly = 0x180; // 0600
    private const int ForAll = 0x1a4; // 0644

    /// <summary>Durably makes a file that its owner alone may read. Whatever is there stays, be it a link that leads nowhere.</summary>
    /// <returns>False if something is there.</returns>
    /// <exception cref="Errors.StateException">It could not be written; there is nothing. After a crash there may be a part of it.</exception>
    public static bool TryCreate(string path, string text)
    {
        if (!TryMake(path, text, OwnerOnly))
        {
            return false;
        }

        FlushDirectoryOf(path);
        return true;
    }

    /// <summary>Durably gives a file this text, for everybody to read. Those who write it take turns.</summary>
    /// <exception cref="Errors.StateException">The old text or the new one is there.</exception>
    public static void Replace(string path, string text)
    {
        var temporary = path + ".new";
        // What a crash left.
        var errno = NativeFile.ErrnoOf(LibC.Unlink(temporary));
        ThrowIf("unlink", temporary, errno == Errno.NoEntry ? 0 : errno);
        ThrowIf("open", temporary, TryMake(temporary, text, ForAll) ? 0 : Errno.Exists);
        ThrowIf("rename", temporary, NativeFile.ErrnoOf(LibC.Rename(temporary, path)));
        FlushDirectoryOf(path);
    }

    /// <summary>Writes and flushes a file that was not there (open(2), O_EXCL, which follows no link).</summary>
    private static bool TryMake(string path, string text, int mode)
    {
        const int Flags = LibC.ReadWrite | LibC.Create | LibC.Exclusive;
        var errno = NativeFile.Open(path, Flags, OwnerOnly, out var opened);
        if (errno == Errno.Exists)
        {
            return false;
        }

        ThrowIf("open", path, errno);
        try
        {
            using var file = new LinuxDurableFile(opened!, path);
            file.Write(0, Encoding.UTF8.GetBytes(text));
            ThrowIf("chmod", path, NativeFile.ErrnoOf(LibC.ChangeMode(path, mode)));
            file.Flush();
            return true;
        }
        catch
        {
            // It is ours, and of no use to anybody.
            _ = LibC.Unlink(path);
            throw;
        }
    }

    private static void FlushDirectoryOf(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        ThrowIf("fsync", directory, NativeFile.FlushDirectory(directory));
    }

    private static void ThrowIf(string call, string path, int errno)
    {
        if (errno != 0)
        {
            throw LinuxError.State(call, path, errno);
        }
    }
}
