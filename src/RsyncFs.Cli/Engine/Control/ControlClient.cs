using System.Text.Json;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;

namespace RsyncFs.Cli.Engine.Control;

/// <summary>Asks the receiver of this machine.</summary>
internal static class ControlClient
{
    /// <summary>Asks whoever listens at <paramref name="socketPath"/>; null if nobody does.</summary>
    /// <param name="socketPath">The control socket.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="clock">Tells time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="patience">How long an answer may take; null for as long as a verb of <c>target</c> may.</param>
    /// <exception cref="RsyncFsException">What the receiver refused, or it did not answer.</exception>
    public static async Task<ControlDocument?> TryAskAsync(
        string socketPath,
        ControlRequest request,
        TimeProvider clock,
        CancellationToken cancellationToken,
        TimeSpan? patience = null
    )
    {
        var time = patience ?? ControlLine.AnswerDeadline;
        await using var stream = ControlConnector.TryConnect(socketPath);
        if (stream is null)
        {
            return null;
        }

        using var deadline = new CancellationTokenSource(time, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var asked = JsonSerializer.SerializeToUtf8Bytes(request, JsonLines.Context.ControlRequest);
            await ControlLine.WriteAsync(stream, asked, either.Token);
            var line = await ControlLine.ReadAsync(stream, ControlLine.MaxAnswerBytes, either.Token);
            return Read(line, socketPath);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw NoAnswer(socketPath, $"nothing came within {TimeLength.Print(time)}");
        }
        catch (IOException error)
        {
            throw NoAnswer(socketPath, error.Message);
        }
    }

    private static ControlDocument Read(ReadOnlyMemory<byte>? line, string socketPath)
    {
        if (line is not { } text)
        {
            throw NoAnswer(socketPath, "it hung up");
        }

        try
        {
            var answer = JsonSerializer.Deserialize(text.Span, JsonLines.Context.ControlAnswer);
            return answer?.Error is { } error
                ? throw error.ToException()
                : answer?.Document ?? throw NoAnswer(socketPath, "its answer is empty");
        }
        catch (JsonException error)
        {
            throw NoAnswer(socketPath, $"its answer is not understood: {error.Message}");
        }
    }

    private static RsyncFsException NoAnswer(string socketPath, string cause) =>
        new(ErrorId.Unreachable, "the receiver did not answer")
        {
            Where = socketPath,
            Cause = cause,
            Hint = "what was asked for may be done: 'rsyncfs target show NAME' tells",
        };
}
