using System.Diagnostics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.State;

/// <summary>
/// The right to change a state directory: flock(2) on its file <c>lock</c>, which says for people who holds it. The
/// kernel releases it when the process ends, however it ends; the file stays.
/// </summary>
public sealed unsafe class StateLock : IDisposable
{
    private const string FileName = "lock";
    private const int OwnerOnly = 0x180; // 0600
    private const int MaxHolderBytes = 256;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly SafeFileHandle _file;

    private StateLock(SafeFileHandle file)
    {
        _file = file;
    }

    /// <summary>Takes the lock of <paramref name="directory"/>, which must exist, or fails at once.</summary>
    /// <exception cref="RefusedException">Another process holds it (<see cref="ErrorId.Locked"/>); the cause says which. Nothing was changed.</exception>
    /// <exception cref="StateException">The file could not be opened or written.</exception>
    public static StateLock Take(string directory) => TakeFile(Path.Combine(directory, FileName));

    /// <summary>Takes the lock that is the file at <paramref name="path"/>, made if missing, or fails at once.</summary>
    /// <exception cref="RefusedException">Another process holds it (<see cref="ErrorId.Locked"/>); the cause says which. Nothing was changed.</exception>
    /// <exception cref="StateException">The file could not be opened or written.</exception>
    public static StateLock TakeFile(string path)
    {
        var flags = LibC.ReadWrite | LibC.Create | LibC.NoFollow;
        Check("open", path, NativeFile.Open(path, flags, OwnerOnly, out var file));
        try
        {
            var errno = NativeFile.ErrnoOf(LibC.Lock(file!, LibC.LockExclusive | LibC.LockNonBlocking));
            if (errno == Errno.TryAgain)
            {
                throw new RefusedException(ErrorId.Locked, "another process is at work on this state")
                {
                    Where = path,
                    Cause = $"held by {ReadHolder(file!)}",
                    Hint = "wait for it to end, or stop it",
                };
            }

            Check("flock", path, errno);
            WriteHolder(file!, path);
            return new StateLock(file!);
        }
        catch
        {
            file!.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="TakeFile(string)"/>, as soon as it is free.</summary>
    /// <exception cref="RefusedException">Another process holds it for longer than <paramref name="patience"/>.</exception>
    /// <exception cref="StateException">The file could not be opened or written.</exception>
    public static StateLock TakeFile(string path, TimeSpan patience)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return TakeFile(path);
            }
            catch (RefusedException busy)
                when (busy.Id == ErrorId.Locked && Stopwatch.GetElapsedTime(begun) < patience)
            {
                Thread.Sleep(Pause);
            }
        }
    }

    /// <summary>As <see cref="Take(string)"/>, as soon as it is free.</summary>
    /// <exception cref="RefusedException">Another process holds it for longer than <paramref name="patience"/>.</exception>
    /// <exception cref="StateException">The file could not be opened or written.</exception>
    public static StateLock Take(string directory, TimeSpan patience) =>
        TakeFile(Path.Combine(directory, FileName), patience);

    /// <summary>
    /// True if somebody holds the lock of <paramref name="directory"/> now. Nothing is made or written; it is asked for a
    /// shared lock, which is given back at once.
    /// </summary>
    /// <exception cref="StateException">The file could not be opened.</exception>
    public static bool IsHeld(string directory)
    {
        var path = Path.Combine(directory, FileName);
        var errno = NativeFile.Open(path, LibC.ReadOnly, mode: 0, out var file);
        if (errno is Errno.NoEntry or Errno.NotDirectory)
        {
            return false;
        }

        Check("open", path, errno);
        using (file)
        {
            return NativeFile.ErrnoOf(LibC.Lock(file!, LibC.LockShared | LibC.LockNonBlocking))
                == Errno.TryAgain;
        }
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose()
    {
        // Explicitly: a process that is just being started may hold the descriptor a little longer than we do.
        if (!_file.IsClosed)
        {
            _ = LibC.Lock(_file, LibC.LockRelease);
        }

        _file.Dispose();
    }

    private static void WriteHolder(SafeFileHandle file, string path)
    {
        using var self = Process.GetCurrentProcess();
        var started = self.StartTime.ToUniversalTime();
        var text = Encoding.UTF8.GetBytes($"process {self.Id}, started {started:yyyy-MM-ddTHH:mm:ssZ}\n");
        Check("ftruncate", path, NativeFile.ErrnoOf(LibC.SetLength(file, 0)));
        fixed (byte* memory = text)
        {
            Check("pwrite", path, NativeFile.Write(file, offset: 0, memory, text.Length));
        }
    }

    // Whoever has just taken it may not have written yet: then nobody can be named.
    private static string ReadHolder(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[MaxHolderBytes];
        fixed (byte* memory = text)
        {
            var errno = NativeFile.Read(file, offset: 0, memory, text.Length, out var moved);
            var holder = Encoding.UTF8.GetString(text[..(errno == 0 ? moved : 0)]).Trim();
            return holder.Length > 0 ? holder : "a process that has not yet written its name";
        }
    }

    private static void Check(string call, string path, int errno)
    {
        if (errno != 0)
        {
            throw LinuxError.State(call, path, errno);
        }
    }
}
