using System.Runtime.InteropServices;

namespace RsyncFs.Tracer;

/// <summary>
/// <c>rsyncfs-tracer PID [--call NAME]... --path PREFIX... [--at N kill|tear|hold|EIO|ENOSPC [--forever]]</c>: says
/// <c>attached</c>, then numbers each call of the process that is about a file below a prefix, one a line. The n-th
/// has another fate. What strace's inject does, but counted over all threads: strace counts each thread alone, and a
/// .NET process makes its calls on whichever is free.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Console.Error.WriteLine("rsyncfs-tracer: only made for x86-64");
            return 2;
        }

        var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var tracer = new Tracer(TraceOptions.Parse(args), output);
        tracer.Attach();
        output.WriteLine("attached");
        new Thread(() => ReadCommands(tracer)) { IsBackground = true }.Start();
        tracer.Run();
        return 0;
    }

    private static void ReadCommands(Tracer tracer)
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (string.Equals(line, "go", StringComparison.Ordinal))
            {
                tracer.LetGo();
            }
        }
    }
}
