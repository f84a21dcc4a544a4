using System.Diagnostics;
using RsyncFs.Errors;

namespace RsyncFs.Fuzz;

/// <summary>Something that reads bytes of a stranger, or of a disk. To add one: derive, and name it in <see cref="FuzzTargets"/>.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Longer than any input may take. A machine that is busy makes one of 10 ms take many times that.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(1);

    /// <summary>The name on the command line, and of its folder of the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Of the inputs of a run, this many for each one of a target with 1: slow targets get few.</summary>
    public virtual int Share => 50;

    /// <summary>The types whose coverage is told, by full name or, ending in a dot, by namespace.</summary>
    public abstract IReadOnlyList<string> Covers { get; }

    /// <summary>Bytes of an input at most.</summary>
    public virtual int MaxLength => 4096;

    /// <summary>Bytes of memory that one input may take.</summary>
    public virtual long MaxAllocatedBytes => 1024 * 1024;

    /// <summary>Words that mean something to the reader.</summary>
    public virtual IReadOnlyList<byte[]> Words => [];

    /// <summary>Inputs to begin with, the same in every process: what honest code writes.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Makes lengths and checksums fit, so that what lies behind them is reached. May change <paramref name="input"/> itself.</summary>
    public virtual byte[] Fix(byte[] input) => input;

    /// <summary>Reads the input.</summary>
    /// <exception cref="FindingException">What was read is not what it should be.</exception>
    public abstract void Read(byte[] input);

    /// <summary>True for the failures that the reader is documented to have.</summary>
    protected virtual bool IsDocumented(Exception failure) => failure is RsyncFsException;

    /// <summary>Reads the input; gives what is wrong with how that went, or null.</summary>
    public string? Check(byte[] input)
    {
        var problem = CheckOnce(input, out var time);
        // Whoever is slow once may have been interrupted.
        return problem is null && time > TimeLimit && CheckOnce(input, out time) is null && time > TimeLimit
            ? $"takes {time.TotalSeconds:F1} s"
            : problem;
    }

    private string? CheckOnce(byte[] input, out TimeSpan time)
    {
        // A reader may write into what it reads; what is kept and reported is what it was given.
        var given = input.AsSpan().ToArray();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        try
        {
            Read(given);
        }
        catch (FindingException finding)
        {
            return finding.Message;
        }
        catch (Exception failure) when (IsDocumented(failure))
        {
            // As it should be.
        }
        catch (Exception failure)
        {
            return $"{failure.GetType().Name}{PlaceOf(failure)}: {failure.Message}";
        }
        finally
        {
            time = Stopwatch.GetElapsedTime(start);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return allocated > MaxAllocatedBytes
            ? $"takes {allocated} bytes of memory, at most {MaxAllocatedBytes} are allowed"
            : null;
    }

    /// <summary>Fails unless two things that must be equal are.</summary>
    protected static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FindingException(problem);
        }
    }

    private static string PlaceOf(Exception failure)
    {
        var frame = failure
            .StackTrace?.Split('\n')
            .FirstOrDefault(line => line.Contains(" RsyncFs.", StringComparison.Ordinal));
        return frame is null ? "" : " " + frame.Trim();
    }
}
