using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// Reads and writes devices and files as somebody else would, without the code under test. Opened by open(2): the
/// runtime's own way takes advisory locks, and meets those of the program.
/// </summary>
internal static partial class DeviceBytes
{
    // <fcntl.h>
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int CloseOnExec = 0x80000;

    /// <summary>Opens for reading and writing, without a lock.</summary>
    public static SafeFileHandle OpenToWrite(string path) => Open(path, ReadWrite);

    /// <summary>Opens for reading, without a lock.</summary>
    public static SafeFileHandle OpenToRead(string path) => Open(path, ReadOnly);

    /// <summary>Durably writes <paramref name="content"/>.</summary>
    public static void Write(string path, long offsetBytes, ReadOnlySpan<byte> content)
    {
        using var device = OpenToWrite(path);
        RandomAccess.Write(device, content, offsetBytes);
        RandomAccess.FlushToDisk(device);
    }

    /// <summary>Reads a range.</summary>
    public static byte[] Read(string path, long offsetBytes, int lengthBytes)
    {
        using var device = OpenToRead(path);
        var content = new byte[lengthBytes];
        var count = 0;
        while (count < lengthBytes)
        {
            var read = RandomAccess.Read(device, content.AsSpan(count), offsetBytes + count);
            if (read == 0)
            {
                throw new EndOfStreamException($"{path} ends at {offsetBytes + count}");
            }

            count += read;
        }

        return content;
    }

    /// <summary>Durably writes what is at one place to another as well, as if it had been in memory all at once.</summary>
    public static void Copy(string path, long fromBytes, long toBytes, int lengthBytes) =>
        Write(path, toBytes, Read(path, fromBytes, lengthBytes));

    /// <summary>SHA-256 of all of it.</summary>
    public static string Hash(string path)
    {
        using var device = new FileStream(OpenToRead(path), FileAccess.Read);
        return Convert.ToHexStringLower(SHA256.HashData(device));
    }

    /// <summary>Names and hashes of all files below a directory but those of some names, one a line.</summary>
    public static string HashTree(string directory, params string[] except) =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .Where(file => !except.Contains(Path.GetFileName(file), StringComparer.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(file => $"{file} {Hash(file)}")
        );

    private static SafeFileHandle Open(string path, int flags)
    {
        var descriptor = OpenFile(path, flags | CloseOnExec);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport(
        "libc",
        EntryPoint = "open",
        StringMarshalling = StringMarshalling.Utf8,
        SetLastError = true
    )]
    private static partial int OpenFile(string path, int flags);
}
