using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.State;

namespace RsyncFs.Linux.State;

/// <summary>
/// A directory of state files on a real file system. Everything made in it belongs to its owner only: files 0600,
/// directories 0700.
/// </summary>
public sealed class LinuxDurableDirectory : IDurableDirectory
{
    private const int FileMode = 0x180; // 0600
    private const int DirectoryMode = 0x1c0; // 0700

    private LinuxDurableDirectory(string path)
    {
        Name = path;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long FreeBytes
    {
        get
        {
            try
            {
                return new DriveInfo(Name).AvailableFreeSpace;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new StateException(
                    ErrorId.StateIo,
                    "the free space of the state could not be read",
                    failure
                )
                {
                    Where = Name,
                    Cause = failure.Message,
                };
            }
        }
    }

    /// <summary>The directory at <paramref name="path"/>, made durably if missing, with those above it.</summary>
    /// <exception cref="StateException">It could not be made, or is none.</exception>
    public static LinuxDurableDirectory OpenRoot(string path)
    {
        var full = Path.GetFullPath(path);
        MakeDurably(full);
        return new LinuxDurableDirectory(full);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List()
    {
        try
        {
            var names = Directory.EnumerateFileSystemEntries(Name).Select(Path.GetFileName).ToArray();
            Array.Sort(names, StringComparer.Ordinal);
            return names!;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StateException(ErrorId.StateIo, "a state directory could not be listed", failure)
            {
                Where = Name,
                Cause = failure.Message,
            };
        }
    }

    /// <inheritdoc/>
    public bool Exists(string name)
    {
        var path = PathOf(name);
        var errno = NativeFile.Stat(path, out var status);
        if (errno is Errno.NoEntry or Errno.NotDirectory)
        {
            return false;
        }

        // What can not be looked at may be there, and is not to be made anew.
        ThrowIf("statx", path, errno);
        return status.IsRegularFile;
    }

    /// <inheritdoc/>
    public IDurableFile Open(string name) => OpenFile(name, LibC.ReadWrite);

    /// <inheritdoc/>
    public IDurableFile Create(string name) => OpenFile(name, LibC.ReadWrite | LibC.Create | LibC.Truncate);

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        var path = PathOf(from);
        ThrowIf("rename", path, NativeFile.ErrnoOf(LibC.Rename(path, PathOf(to))));
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        var path = PathOf(name);
        var errno = NativeFile.ErrnoOf(LibC.Unlink(path));
        ThrowIf("unlink", path, errno == Errno.NoEntry ? 0 : errno);
    }

    /// <inheritdoc/>
    public void Flush() => ThrowIf("fsync", Name, NativeFile.FlushDirectory(Name));

    /// <inheritdoc/>
    public IDurableDirectory OpenDirectory(string name)
    {
        var path = PathOf(name);
        MakeDurably(path);
        return new LinuxDurableDirectory(path);
    }

    private LinuxDurableFile OpenFile(string name, int flags)
    {
        var path = PathOf(name);
        ThrowIf("open", path, NativeFile.Open(path, flags | LibC.NoFollow, FileMode, out var file));
        return new LinuxDurableFile(file!, path);
    }

    private string PathOf(string name)
    {
        StateNames.ThrowIfInvalid(name);
        return Path.Combine(Name, name);
    }

    // More than the interface promises: a directory that is lost takes all that was flushed in it along.
    private static void MakeDurably(string path)
    {
        var errno = NativeFile.ErrnoOf(LibC.MakeDirectory(path, DirectoryMode));
        var parent = Path.GetDirectoryName(path);
        if (errno == Errno.NoEntry && parent is not null)
        {
            MakeDurably(parent);
            errno = NativeFile.ErrnoOf(LibC.MakeDirectory(path, DirectoryMode));
        }

        if (errno == Errno.Exists)
        {
            const int NotDirectory = 20;
            ThrowIf("statx", path, NativeFile.Stat(path, out var status));
            ThrowIf("open", path, status.Type == LibC.TypeDirectory ? 0 : NotDirectory);
            return;
        }

        ThrowIf("mkdir", path, errno);
        ThrowIf("fsync", path, NativeFile.FlushDirectory(parent!));
    }

    private static void ThrowIf(string call, string path, int errno)
    {
        if (errno != 0)
        {
            throw LinuxError.State(call, path, errno);
        }
    }
}
