using System.Text.Json;
using RsyncFs.Access;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;

namespace RsyncFs.Cli.Engine.Control;

/// <summary>Answers at the control socket: one request and one answer for each caller.</summary>
/// <param name="acceptor">The socket.</param>
/// <param name="execute">Carries a request out.</param>
/// <param name="clock">Tells time.</param>
internal sealed class ControlServer(
    ControlAcceptor acceptor,
    Func<ControlRequest, CancellationToken, Task<ControlDocument>> execute,
    TimeProvider clock
)
{
    private int _waiterCount;

    /// <summary>Takes over the connection of a sender that ssh let in by a name.</summary>
    public Action<Stream, string> TakeSender { get; init; } = (stream, _) => stream.Dispose();

    /// <summary>Answers until cancelled. When this returns nobody is being answered: a role that was being changed is changed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var callers = new List<Task>();
        using var places = new SemaphoreSlim(ControlLine.MaxCallerCount);
        try
        {
            while (true)
            {
                await places.WaitAsync(cancellationToken);
                callers.RemoveAll(caller => caller.IsCompleted);
                var place = new CallerPlace(places);
                try
                {
                    var peer = await acceptor.AcceptAsync(clock, cancellationToken);
                    callers.Add(AnswerAsync(peer, place, cancellationToken));
                }
                catch
                {
                    place.Leave();
                    throw;
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(callers);
        }
    }

    private async Task AnswerAsync(ControlPeer peer, CallerPlace place, CancellationToken cancellationToken)
    {
        // What is asked for blocks its thread; the next caller is not to wait for that.
        await Task.Yield();
        var stream = peer.Stream;
        var isTaken = false;
        try
        {
            var line = await ReadAsync(stream, cancellationToken);
            if (line is not { } text)
            {
                return;
            }

            if (SenderIn(text) is { } name)
            {
                isTaken = true;
                TakeSender(stream, name);
                return;
            }

            var answer = await ExecuteForAsync(stream, text, place, cancellationToken);
            using var deadline = new CancellationTokenSource(ControlLine.RequestDeadline, clock);
            var bytes = JsonSerializer.SerializeToUtf8Bytes(answer, JsonLines.Context.ControlAnswer);
            await ControlLine.WriteAsync(stream, bytes, deadline.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The caller went away, or said nothing for too long. What it asked for is done or not; 'show' tells.
        }
        finally
        {
            place.Leave();
            if (!isTaken)
            {
                await stream.DisposeAsync();
            }
        }
    }

    private static string? SenderIn(ReadOnlyMemory<byte> text)
    {
        try
        {
            return Parse(text) is { Verb: ControlVerb.Session, Peer: { } name } && PeerList.IsName(name)
                ? name
                : null;
        }
        catch (RsyncFsException)
        {
            // Whoever answers says so.
            return null;
        }
    }

    private async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ControlLine.RequestDeadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        return await ControlLine.ReadAsync(stream, ControlLine.MaxRequestBytes, either.Token);
    }

    /// <summary>Whoever hangs up does not wait any longer, and keeps nobody else waiting; what has begun goes on.</summary>
    private async Task<ControlAnswer> ExecuteForAsync(
        Stream caller,
        ReadOnlyMemory<byte> text,
        CallerPlace place,
        CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = CancelWhenGoneAsync(caller, end);
        try
        {
            return await ExecuteAsync(text, place, end.Token);
        }
        finally
        {
            await end.CancelAsync();
            await watch;
        }
    }

    private static async Task CancelWhenGoneAsync(Stream caller, CancellationTokenSource end)
    {
        var ignored = new byte[64];
        try
        {
            while (await caller.ReadAsync(ignored, end.Token) > 0)
            {
                // It has said what it wants.
            }

            await end.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // It has its answer.
        }
        catch (IOException)
        {
            await end.CancelAsync();
        }
    }

    private async Task<ControlAnswer> ExecuteAsync(
        ReadOnlyMemory<byte> text,
        CallerPlace place,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var asked = Parse(text);
            if (!asked.Wait)
            {
                return new ControlAnswer { Document = await execute(asked, cancellationToken) };
            }

            // For as long as a cycle takes: others are not to wait behind that.
            place.Leave();
            return new ControlAnswer { Document = await WaitAsync(asked, cancellationToken) };
        }
        catch (RsyncFsException error)
        {
            return new ControlAnswer { Error = ControlError.Of(error) };
        }
        catch (OperationCanceledException)
        {
            var ending = new RsyncFsException(
                ErrorId.Interrupted,
                "the process is ending, or the caller hung up"
            );
            return new ControlAnswer { Error = ControlError.Of(ending) };
        }
#pragma warning disable CA1031 // The end of a verb: its defect must not end the sessions.
        catch (Exception defect)
#pragma warning restore CA1031
        {
            var bug = new RsyncFsException(ErrorId.Bug, $"{defect.GetType().Name}: {defect.Message}")
            {
                Cause = defect.StackTrace,
            };
            return new ControlAnswer { Error = ControlError.Of(bug) };
        }
    }

    private async Task<ControlDocument> WaitAsync(ControlRequest asked, CancellationToken cancellationToken)
    {
        try
        {
            return Interlocked.Increment(ref _waiterCount) <= ControlLine.MaxWaiterCount
                ? await execute(asked, cancellationToken)
                : throw new RefusedException(
                    ErrorId.Locked,
                    $"{ControlLine.MaxWaiterCount} callers wait for cycles already"
                )
                {
                    Hint = "leave --wait out, or try again later",
                };
        }
        finally
        {
            Interlocked.Decrement(ref _waiterCount);
        }
    }

    private static ControlRequest Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            var request = JsonSerializer.Deserialize(text.Span, JsonLines.Context.ControlRequest);
            if (request is { V: ControlRequest.Version })
            {
                return request;
            }

            throw NotUnderstood(
                $"it is of version {request?.V}, and version {ControlRequest.Version} is known"
            );
        }
        catch (JsonException error)
        {
            throw NotUnderstood(error.Message);
        }
    }

    private static RsyncFsException NotUnderstood(string cause) =>
        new(ErrorId.ProtocolVersion, "the request is not understood")
        {
            Cause = cause,
            Hint = "the command and the process that runs are of different versions: restart that",
        };
}
