using System.Buffers;

namespace RsyncFs.Cli.Engine.Control;

/// <summary>Lines of the control socket: UTF-8, one JSON object each, ended by a line feed. Every bound is here.</summary>
internal static class ControlLine
{
    /// <summary>Bytes of the longest request: some paths and a few words.</summary>
    public const int MaxRequestBytes = 32 * 1024;

    /// <summary>Bytes of the longest answer: a list of some ten thousand targets.</summary>
    public const int MaxAnswerBytes = 8 * 1024 * 1024;

    /// <summary>Callers that are served at a time; more wait.</summary>
    public const int MaxCallerCount = 8;

    /// <summary>Callers that wait for the end of a cycle: they take none of those places. More are refused.</summary>
    public const int MaxWaiterCount = 256;

    /// <summary>Whoever connects says at once what it wants, and takes at once what it is answered.</summary>
    public static readonly TimeSpan RequestDeadline = TimeSpan.FromSeconds(10);

    /// <summary>A journal that must be applied first takes its time.</summary>
    public static readonly TimeSpan AnswerDeadline = TimeSpan.FromMinutes(10);

    /// <summary>Writes a line.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public static async Task WriteAsync(Stream stream, byte[] text, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(text, cancellationToken);
        await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <summary>Reads a line, without its line feed; null if the other end hung up before one was whole.</summary>
    /// <exception cref="IOException">It is longer than <paramref name="maxBytes"/>, or the other end is gone.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(
        Stream stream,
        int maxBytes,
        CancellationToken cancellationToken
    )
    {
        const int PieceBytes = 4096;
        var line = new ArrayBufferWriter<byte>(PieceBytes);
        while (true)
        {
            var count = await stream.ReadAsync(line.GetMemory(PieceBytes), cancellationToken);
            if (count == 0)
            {
                return null;
            }

            line.Advance(count);
            var end = line.WrittenSpan[^count..].IndexOf((byte)'\n');
            if (end >= 0)
            {
                return line.WrittenMemory[..(line.WrittenCount - count + end)];
            }

            if (line.WrittenCount > maxBytes)
            {
                throw new IOException($"a line of more than {maxBytes} bytes");
            }
        }
    }
}
