using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace RsyncFs.Tracer;

/// <summary>
/// Follows all threads of a process by ptrace(2). Whatever is asked of ptrace must be asked by the thread that
/// attached; so all is done on one. When this process ends, the other goes on by itself.
/// </summary>
internal sealed class Tracer(TraceOptions options, TextWriter output)
{
    private static readonly TimeSpan HoldInterval = TimeSpan.FromMilliseconds(1);

    private readonly HashSet<int> _threads = [];
    private readonly Dictionary<int, Fate> _inCall = [];
    private int _count;
    private int _held;
    private volatile bool _mayGo;

    /// <summary>Stops every thread of the process, also those that are made meanwhile, and lets them go to their next call.</summary>
    /// <exception cref="InvalidOperationException">It can not be traced.</exception>
    public void Attach()
    {
        bool isNew;
        do
        {
            isNew = false;
            foreach (var path in Directory.EnumerateDirectories($"/proc/{options.ProcessId}/task"))
            {
                var thread = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
                if (!_threads.Contains(thread) && Seize(thread))
                {
                    _threads.Add(thread);
                    isNew = true;
                }
            }
        } while (isNew);
        foreach (var thread in _threads)
        {
            _ = LibC.Trace(LibC.Interrupt, thread, 0, 0);
        }

        // Each must have stopped once: before that its calls are not seen.
        var waiting = new HashSet<int>(_threads);
        while (waiting.Count > 0 && WaitForAny(isWaiting: true) is { } stop)
        {
            waiting.Remove(stop.Thread);
            Handle(stop.Thread, stop.Status);
        }
    }

    /// <summary>Follows the process to its end.</summary>
    public void Run()
    {
        while (WaitForAny(_held == 0) is { } stop)
        {
            if (stop.Thread != 0)
            {
                Handle(stop.Thread, stop.Status);
            }
            else
            {
                Thread.Sleep(HoldInterval);
            }

            if (_held != 0 && _mayGo)
            {
                var held = _held;
                _held = 0;
                Resume(held, LibC.Syscall, 0);
            }
        }
    }

    /// <summary>Lets the call go on that is held. Any thread may ask for that.</summary>
    public void LetGo() => _mayGo = true;

    private static bool Seize(int thread)
    {
        if (LibC.Trace(LibC.Seize, thread, 0, LibC.OptionSyscallGood | LibC.OptionTraceClone) == 0)
        {
            return true;
        }

        var errno = Marshal.GetLastPInvokeError();
        var message = Marshal.GetLastPInvokeErrorMessage();
        return errno switch
        {
            LibC.NoSuchProcess => false,
            LibC.NotPermitted when HasEnded(thread) => false,
            LibC.NotPermitted when IsTraced(thread) => true,
            _ => throw new InvalidOperationException($"thread {thread} can not be traced: {message}"),
        };
    }

    /// <summary>A thread that ends is listed for a moment longer, and can not be traced any more.</summary>
    private static bool HasEnded(int thread) => StatusOf(thread, "State") is null or ['Z' or 'X', ..];

    /// <summary>A thread that a traced one made is traced from its first instruction on (ptrace(2), PTRACE_O_TRACECLONE).</summary>
    private static bool IsTraced(int thread) =>
        StatusOf(thread, "TracerPid") is { } tracer && Directory.Exists($"/proc/self/task/{tracer}");

    /// <summary>A field of /proc/PID/status; null if there is no such thread any more.</summary>
    private static string? StatusOf(int thread, string field)
    {
        try
        {
            return File.ReadLines($"/proc/{thread}/status")
                .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
                .First(pair => string.Equals(pair[0], field, StringComparison.Ordinal))[1];
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The next thread that stops or ends; thread 0 if none does and there is no waiting; null if none is left.</summary>
    private static (int Thread, int Status)? WaitForAny(bool isWaiting)
    {
        while (true)
        {
            var thread = LibC.Wait(-1, out var status, LibC.WaitAll | (isWaiting ? 0 : LibC.WaitNoHang));
            if (thread >= 0)
            {
                return (thread, status);
            }

            if (Marshal.GetLastPInvokeError() != LibC.InterruptedCall)
            {
                return null;
            }
        }
    }

    private void Handle(int thread, int status)
    {
        const int StoppedMark = 0x7f;
        const int SyscallMark = 0x80;
        if ((status & 0xff) != StoppedMark)
        {
            _threads.Remove(thread);
            _inCall.Remove(thread);
            return;
        }

        _threads.Add(thread);
        var signal = (status >> 8) & 0xff;
        var what = status >> 16;
        if (signal == (LibC.Trap | SyscallMark))
        {
            AtCall(thread);
        }
        else if (what == LibC.EventStop && signal != LibC.Trap)
        {
            // The whole process was stopped by a signal: it stays so until it is told to go on.
            Resume(thread, LibC.Listen, 0);
        }
        else
        {
            Resume(thread, LibC.Syscall, what == 0 ? signal : 0);
        }
    }

    private unsafe void AtCall(int thread)
    {
        SyscallInfo info;
        if (LibC.Trace(LibC.GetSyscallInfo, thread, sizeof(SyscallInfo), &info) <= 0)
        {
            return;
        }

        var fate = Fate.Pass;
        if (info.Kind == SyscallInfo.Entry)
        {
            fate = Enter(thread, info);
        }
        else if (_inCall.Remove(thread, out var begun))
        {
            Leave(thread, begun, info.Result);
        }

        if (fate != Fate.Hold)
        {
            Resume(thread, LibC.Syscall, 0);
        }
    }

    private unsafe Fate Enter(int thread, in SyscallInfo info)
    {
        var call = KernelCall.Find(info.Number);
        if (
            call is null
            || (options.Names.Count > 0 && !options.Names.Contains(call.Name, StringComparer.Ordinal))
        )
        {
            return Fate.Pass;
        }

        var path = call.IsPath ? ReadText(info.Arguments[call.File]) : PathOf((int)info.Arguments[call.File]);
        if (!options.Paths.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return Fate.Pass;
        }

        _count++;
        var offset = call.Offset < 0 ? 0 : info.Arguments[call.Offset];
        var length = call.Length < 0 ? 0 : info.Arguments[call.Length];
        var isMeant = options.IsForever ? _count >= options.At : _count == options.At;
        var fate = options.At > 0 && isMeant ? options.Fate : Fate.Pass;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{_count} {call.Name} {path} {offset} {length} {fate.ToString().ToLowerInvariant()}"
            )
        );
        Do(thread, fate, length);
        return fate;
    }

    private void Do(int thread, Fate fate, long length)
    {
        const nint NoCall = -1;
        const long SectorMask = ~511L;
        switch (fate)
        {
            case Fate.Kill:
                _ = LibC.Trace(LibC.PokeUser, thread, LibC.NumberRegister, NoCall);
                _ = LibC.SendSignal(options.ProcessId, LibC.Kill);
                break;
            case Fate.Tear:
                _ = LibC.Trace(LibC.PokeUser, thread, LibC.LengthRegister, (nint)((length / 2) & SectorMask));
                _inCall[thread] = fate;
                break;
            case Fate.Fail:
                _ = LibC.Trace(LibC.PokeUser, thread, LibC.NumberRegister, NoCall);
                _inCall[thread] = fate;
                break;
            case Fate.Hold:
                _held = thread;
                break;
            default:
                break;
        }
    }

    private void Leave(int thread, Fate fate, long result)
    {
        if (fate == Fate.Fail)
        {
            _ = LibC.Trace(LibC.PokeUser, thread, LibC.ResultRegister, -options.Errno);
        }
        else
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"torn {result}"));
            _ = LibC.SendSignal(options.ProcessId, LibC.Kill);
        }
    }

    private static void Resume(int thread, long request, int signal) =>
        _ = LibC.Trace(request, thread, 0, (nint)signal);

    private string PathOf(int descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(
                    $"/proc/{options.ProcessId}/fd/{descriptor}",
                    returnFinalTarget: false
                )?.FullName
                ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private string ReadText(long address)
    {
        const int LongestPath = 4096;
        const int PageBytes = 4096;
        var text = new byte[LongestPath];
        var count = 0;
        using var memory = File.OpenHandle($"/proc/{options.ProcessId}/mem");
        while (count < LongestPath && Array.IndexOf(text, (byte)0, 0, count) < 0)
        {
            // Up to the end of a page: the next may not be there.
            var at = address + count;
            var part = (int)Math.Min(PageBytes - (at % PageBytes), LongestPath - count);
            var read = RandomAccess.Read(memory, text.AsSpan(count, part), at);
            if (read <= 0)
            {
                break;
            }

            count += read;
        }

        var end = Array.IndexOf(text, (byte)0, 0, count);
        return Encoding.UTF8.GetString(text, 0, end < 0 ? count : end);
    }
}
