using System.Runtime.InteropServices;

namespace RsyncFs.Tracer;

/// <summary><c>struct ptrace_syscall_info</c> of linux/ptrace.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal unsafe struct SyscallInfo
{
    /// <summary>The value of <see cref="Kind"/> at the entry of a call.</summary>
    public const byte Entry = 1;

    /// <summary>The value of <see cref="Kind"/> at the exit of a call.</summary>
    public const byte Exit = 2;

    [FieldOffset(0)]
    public byte Kind;

    /// <summary>At the entry: the number of the call.</summary>
    [FieldOffset(24)]
    public long Number;

    /// <summary>At the entry: six arguments.</summary>
    [FieldOffset(32)]
    public fixed long Arguments[6];

    /// <summary>At the exit: what it gives.</summary>
    [FieldOffset(24)]
    public long Result;
}
