using System.Diagnostics;
using RsyncFs.Errors;
using RsyncFs.Fuzz;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Protocol;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.Sequences;

/// <summary>Runs real ends against a sequence, in time that goes on only when nothing else does; and holds how each end ended to what is promised.</summary>
internal static class SessionRun
{
    // Longer than a peer may be silent.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(40);

    // Of the test's own time: so long nothing happens before the time of the two ends goes on.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan HangTime = TimeSpan.FromMinutes(2);

    // A legal session needs none of it; whatever else this machine does, no frame of it comes before its turn.
    private static readonly TimeSpan LegalPatience = TimeSpan.FromSeconds(10);

    // What a session takes that nobody meddles with is a fifth of this.
    private const long MostAllocatedBytes = 64 * 1024 * 1024;

    /// <summary>A scene of <see cref="Scenes.All"/>, to be changed, with a time of its own.</summary>
    public static Scene SceneOf(Sequence sequence) =>
        Scenes.All[sequence.SceneNumber].Copy() with
        {
            Clock = new ManualClock(),
        };

    /// <summary>Runs one end against a script; gives its failure, or null.</summary>
    /// <param name="sequence">What is wrong with the session.</param>
    /// <param name="from">The end that the script is of.</param>
    /// <param name="clock">The time of the other.</param>
    /// <param name="end">Runs it.</param>
    /// <exception cref="FindingException">It does not end, ends otherwise than it may, or takes too much memory.</exception>
    public static RsyncFsException? Against(
        Sequence sequence,
        ProtocolRole from,
        TimeProvider clock,
        Func<Stream, Task> end
    )
    {
        using var stream = new Fuzz.Sessions.ScriptedStream(sequence.Script(from), sequence.IsSilent);
        var pump = new Pump(stream) { Idle = () => ((ManualClock)clock).Advance(Step) };
        if (sequence.Edits.Count == 0)
        {
            pump = new Pump(stream) { Patience = LegalPatience };
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var failure = FailureOf(() => pump.Run(() => end(stream)));
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Require(allocated <= MostAllocatedBytes, $"the session takes {allocated} bytes of memory");
        return failure;
    }

    /// <summary>Runs both ends, with a meddler at each; gives their failures.</summary>
    /// <exception cref="FindingException">One does not end, or ends otherwise than it may.</exception>
    public static (RsyncFsException? Sender, RsyncFsException? Receiver) Between(
        Sequence sequence,
        Scene scene
    )
    {
        var clock = (ManualClock)scene.Clock;
        var begun = Stopwatch.GetTimestamp();
        var pair = StreamPair.Create();
        var sender = new MeddlingStream(pair.Sender, Meddler(ProtocolRole.Sender, sequence));
        var receiver = new MeddlingStream(pair.Receiver, Meddler(ProtocolRole.Receiver, sequence));
        var sending = Task.Run(() => FailureOfAsync(() => scene.SendAsync(sender)));
        var receiving = Task.Run(() => FailureOfAsync(() => scene.ReceiveAsync(receiver)));
        var both = Task.WhenAll(sending, receiving);
        for (var passed = -1; !both.Wait(Patience); )
        {
            Require(Stopwatch.GetElapsedTime(begun) < HangTime, "a session does not end though time goes on");
            var now = sender.PassedCount + receiver.PassedCount;
            // Two honest ends need no deadline; that this machine is busy must not be one.
            if (now == passed && sequence.Edits.Count > 0)
            {
                clock.Advance(Step);
            }

            passed = now;
        }

        return (sending.Result, receiving.Result);
    }

    /// <summary>Fails unless it holds.</summary>
    /// <exception cref="FindingException">It does not.</exception>
    public static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FindingException(problem);
        }
    }

    private static Meddler Meddler(ProtocolRole from, Sequence sequence) =>
        new(from, sequence.Legal, sequence.Edits, mayForge: false);

    private static RsyncFsException? FailureOf(Action session)
    {
        try
        {
            session();
            return null;
        }
        catch (RsyncFsException failure) when (failure.Id != ErrorId.Bug)
        {
            return failure;
        }
        catch (Exception failure) when (failure is not FindingException)
        {
            throw new FindingException($"the session ends by a defect: {failure}");
        }
    }

    private static async Task<RsyncFsException?> FailureOfAsync(Func<Task> session)
    {
        try
        {
            await session();
            return null;
        }
        catch (RsyncFsException failure) when (failure.Id != ErrorId.Bug)
        {
            return failure;
        }
        catch (Exception failure)
        {
            throw new FindingException($"the session ends by a defect: {failure}");
        }
    }
}
