using System.Runtime.InteropServices;

namespace RsyncFs.Linux.Native;

/// <summary>
/// What statx(2) fills: <c>struct statx</c> of linux/stat.h, whose layout is the same on every architecture, which
/// can not be said of <c>struct stat</c>. Only the fields that are used have names.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Statx
{
    [FieldOffset(20)]
    public uint UserId;

    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public ulong SizeBytes;

    [FieldOffset(96)]
    public long ChangeSeconds;

    [FieldOffset(104)]
    public uint ChangeNanoseconds;

    [FieldOffset(112)]
    public long ModifySeconds;

    [FieldOffset(120)]
    public uint ModifyNanoseconds;

    /// <summary>The device that this node stands for, if it is one.</summary>
    [FieldOffset(128)]
    public uint NodeMajor;

    [FieldOffset(132)]
    public uint NodeMinor;

    /// <summary>The file system that the file lies on.</summary>
    [FieldOffset(136)]
    public uint FileSystemMajor;

    [FieldOffset(140)]
    public uint FileSystemMinor;

    public readonly int Type => Mode & LibC.TypeMask;

    public readonly bool IsBlockDevice => Type == LibC.TypeBlockDevice;

    public readonly bool IsRegularFile => Type == LibC.TypeRegularFile;

    /// <summary>True if there is somebody who may execute it.</summary>
    public readonly bool IsExecutable => (Mode & LibC.ExecuteMask) != 0;

    /// <summary>The device as sysfs and mountinfo write it: <c>major:minor</c>.</summary>
    public readonly string NodeNumber => $"{NodeMajor}:{NodeMinor}";

    /// <summary>When content or attributes last changed (ctime), which no program can set.</summary>
    public readonly DateTime LastChange =>
        DateTime.UnixEpoch.AddSeconds(ChangeSeconds).AddTicks(ChangeNanoseconds / 100);

    /// <summary>True if both are one file: same file system, same inode.</summary>
    public readonly bool IsSameFile(in Statx other) =>
        Inode == other.Inode
        && FileSystemMajor == other.FileSystemMajor
        && FileSystemMinor == other.FileSystemMinor;

    /// <summary>True if both are one file, and it has neither been written nor been given other attributes, as far as its times tell.</summary>
    public readonly bool IsUnchangedSince(in Statx before) =>
        IsSameFile(before)
        && SizeBytes == before.SizeBytes
        && (ModifySeconds, ModifyNanoseconds) == (before.ModifySeconds, before.ModifyNanoseconds)
        && (ChangeSeconds, ChangeNanoseconds) == (before.ChangeSeconds, before.ChangeNanoseconds);

    /// <summary>True if both are nodes of one block device, wherever the nodes lie.</summary>
    public readonly bool IsSameBlockDevice(in Statx other) =>
        IsBlockDevice && other.IsBlockDevice && NodeMajor == other.NodeMajor && NodeMinor == other.NodeMinor;

    /// <summary>What kind of file it is, for a message.</summary>
    public readonly string Describe() =>
        Type switch
        {
            LibC.TypeBlockDevice => "a block device",
            LibC.TypeRegularFile => "a file",
            LibC.TypeDirectory => "a directory",
            LibC.TypeCharacterDevice => "a character device",
            LibC.TypeFifo => "a pipe",
            LibC.TypeSocket => "a socket",
            _ => $"a file of type {Type:x}",
        };
}
