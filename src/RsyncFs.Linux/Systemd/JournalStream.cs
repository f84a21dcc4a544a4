using System.Globalization;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Systemd;

/// <summary>Tells whether what this process says goes to the journal: systemd.exec(5), <c>$JOURNAL_STREAM</c>.</summary>
public static class JournalStream
{
    private const string Variable = "JOURNAL_STREAM";
    private const string StandardError = "/proc/self/fd/2";

    /// <summary>True if standard error is the stream that the service manager made. The variable alone says that it was once: children inherit it, whatever their standard error is.</summary>
    public static bool IsStandardError() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } stream
        && NativeFile.Stat(StandardError, out var file) == 0
        && string.Equals(stream, NameOf(file), StringComparison.Ordinal);

    // The device as one number, as makedev(3) of glibc puts it together.
    private static string NameOf(in Statx file)
    {
        ulong major = file.FileSystemMajor;
        ulong minor = file.FileSystemMinor;
        var device =
            ((major & 0xfffff000) << 32)
            | ((major & 0xfff) << 8)
            | ((minor & 0xffffff00) << 12)
            | (minor & 0xff);
        return string.Create(CultureInfo.InvariantCulture, $"{device}:{file.Inode}");
    }
}
