using System.Runtime.InteropServices;

namespace RsyncFs.Tracer;

/// <summary>ptrace(2), and what goes with it: sys/ptrace.h, sys/user.h and sys/wait.h of x86-64.</summary>
internal static unsafe partial class LibC
{
    public const int Kill = 9;
    public const int Trap = 5;
    public const int NotPermitted = 1;
    public const int NoSuchProcess = 3;
    public const int InterruptedCall = 4;

    public const int WaitAll = 0x40000000;
    public const int WaitNoHang = 1;

    public const long PokeUser = 6;
    public const long Syscall = 24;
    public const long Seize = 0x4206;
    public const long Interrupt = 0x4207;
    public const long Listen = 0x4208;
    public const long GetSyscallInfo = 0x420e;

    public const nint OptionSyscallGood = 1;
    public const nint OptionTraceClone = 8;
    public const int EventStop = 128;

    /// <summary>Offsets in <c>struct user</c> of what a call is given and gives.</summary>
    public const nint NumberRegister = 15 * 8;
    public const nint LengthRegister = 12 * 8;
    public const nint ResultRegister = 10 * 8;

    /// <summary>Sends a signal.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int Wait(int process, out int status, int options);

    [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
    public static partial nint Trace(long request, nint thread, nint address, nint data);

    [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
    public static partial nint Trace(long request, nint thread, nint address, SyscallInfo* data);
}
