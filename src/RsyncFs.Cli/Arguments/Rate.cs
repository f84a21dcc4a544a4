using System.Buffers;
using System.Globalization;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Arguments;

/// <summary>
/// A number of bytes a second as people write it: always with a unit that says whether bits or bytes are meant. What
/// is printed can be read again.
/// </summary>
/// <param name="BytesPerSecond">The number, at least <see cref="ProtocolLimits.MinSendBytesPerSecond"/>; null if there is no limit.</param>
internal readonly record struct Rate(long? BytesPerSecond)
{
    /// <summary>What may stand where a rate is asked for, for help texts.</summary>
    public const string HelpName = $"RATE|{Off}";

    private const string Off = "off";

    private const string Hint =
        "bits have powers of 1000: 800kbit/s 40Mbit/s 1Gbit/s; bytes of 1024: 512KiB/s 100MiB/s; no limit: off";

    private static readonly SearchValues<char> NumberLetters = SearchValues.Create("0123456789.");

    // Ascending, so that the last one that leaves no fraction is the largest.
    private static readonly (string Unit, decimal Bytes)[] Units =
    [
        ("bit/s", 0.125m),
        ("B/s", 1),
        ("kbit/s", 125),
        ("KiB/s", 1024),
        ("Mbit/s", 125_000),
        ("MiB/s", 1024 * 1024),
        ("Gbit/s", 125_000_000),
        ("GiB/s", 1024 * 1024 * 1024),
    ];

    /// <summary>Nothing is held back.</summary>
    public static Rate Unlimited => default;

    /// <summary>
    /// Reads <c>40Mbit/s</c>, <c>512 KiB/s</c>, <c>1.5MiB/s</c> or <c>off</c>. A fraction of a byte is dropped. A small b
    /// is a bit to some and a byte to others, so a byte has a large one; otherwise the case does not matter.
    /// </summary>
    /// <exception cref="Errors.RsyncFsException">No number, no unit, an unknown one or one that may mean either; too slow for the protocol, or more than 2^63-1 bytes.</exception>
    public static Rate Parse(string text)
    {
        var trimmed = text.Trim();
        if (string.Equals(trimmed, Off, StringComparison.Ordinal))
        {
            return Unlimited;
        }

        var digits = trimmed.AsSpan().IndexOfAnyExcept(NumberLetters);
        var number = digits < 0 ? trimmed : trimmed[..digits];
        var unit = digits < 0 ? "" : trimmed[digits..].TrimStart();
        if (
            !decimal.TryParse(
                number,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var value
            )
        )
        {
            throw UsageError.Of($"'{text}' is not a rate", Hint);
        }

        var unitBytes = UnitBytes(text, unit);
        return value <= (decimal)long.MaxValue / Math.Max(1, unitBytes)
            ? Of(text, (long)(value * unitBytes))
            : throw UsageError.Of($"rate '{text}' is beyond 8 EiB/s", Hint);
    }

    /// <summary>All of it, in the largest unit that leaves no fraction: <c>40Mbit/s</c>, <c>512KiB/s</c>; <c>off</c> if there is no limit.</summary>
    public override string ToString()
    {
        if (BytesPerSecond is not { } rate)
        {
            return Off;
        }

        var (unit, unitBytes) = Units.Last(entry => rate % entry.Bytes == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{rate / unitBytes:0}{unit}");
    }

    private static decimal UnitBytes(string text, string unit)
    {
        if (unit.Length == 0)
        {
            throw UsageError.Of($"rate '{text}' has no unit: are bits meant, or bytes?", Hint);
        }

        foreach (var (name, bytes) in Units)
        {
            if (!string.Equals(name, unit, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            return
                name.Contains('B', StringComparison.Ordinal) && unit.Contains('b', StringComparison.Ordinal)
                ? throw UsageError.Of($"rate '{text}': '{unit}' may mean bits or bytes", Hint)
                : bytes;
        }

        throw UsageError.Of($"rate '{text}' has the unknown unit '{unit}'", Hint);
    }

    private static Rate Of(string text, long bytesPerSecond)
    {
        if (bytesPerSecond >= ProtocolLimits.MinSendBytesPerSecond)
        {
            return new Rate(bytesPerSecond);
        }

        var least = new Rate(ProtocolLimits.MinSendBytesPerSecond);
        throw UsageError.Of(
            $"rate '{text}' is below {least}, the least",
            $"a receiver takes a sender for stalled whose frames come slower than {least}, which is 525kbit/s; no limit: off"
        );
    }
}
