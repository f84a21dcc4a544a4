using System.Text;

namespace RsyncFs.Protocol;

/// <summary>
/// The line that a receiver writes before the first frame where the way to it is its standard input and output. It
/// tells the sender that the program there has begun, however long a login took, and where the session begins if the
/// login printed something before.
/// </summary>
public static class StdioGreeting
{
    /// <summary>So much may come before it: what shells and profiles print is less.</summary>
    public const int MaxBytesBefore = 8 * 1024;

    private static readonly byte[] Line = "rsyncfs-stdio 1\n"u8.ToArray();

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public static async ValueTask WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Line, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <summary>Reads up to its end, and nothing behind it.</summary>
    /// <returns>Null if it came; else what came instead, before the stream ended or got too long for it.</returns>
    /// <exception cref="IOException">The other end is gone.</exception>
    public static async ValueTask<string?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var text = new byte[MaxBytesBefore + Line.Length];
        var count = 0;
        while (count < text.Length && await stream.ReadAsync(text.AsMemory(count, 1), cancellationToken) > 0)
        {
            count++;
            if (text.AsSpan(0, count).EndsWith(Line))
            {
                return null;
            }
        }

        return PeerText.Clean(Encoding.UTF8.GetString(text, 0, count), ProtocolLimits.TextBytes).Trim();
    }
}
