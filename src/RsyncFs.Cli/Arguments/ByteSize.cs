using System.Buffers;
using System.Globalization;

namespace RsyncFs.Cli.Arguments;

/// <summary>A number of bytes as people write it: always with a unit, and what is printed can be read again.</summary>
/// <param name="Bytes">The number; never negative.</param>
internal readonly record struct ByteSize(long Bytes)
{
    private const string Hint =
        "write a unit: 64KiB, 16MiB, 1GiB (powers of 1024) or 64KB, 16MB, 1GB (powers of 1000)";

    private static readonly SearchValues<char> NumberLetters = SearchValues.Create("0123456789.");

    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("B", 1),
        ("KiB", 1L << 10),
        ("MiB", 1L << 20),
        ("GiB", 1L << 30),
        ("TiB", 1L << 40),
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
    ];

    /// <summary>
    /// Reads <c>64KiB</c>, <c>176.0 MiB</c> or <c>10MB</c>. Units in any case; a fraction of a byte is dropped.
    /// </summary>
    /// <exception cref="Errors.RsyncFsException">No number, no unit or an unknown one, or more than 2^63-1 bytes.</exception>
    public static ByteSize Parse(string text)
    {
        var trimmed = text.Trim();
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
            throw UsageError.Of($"'{text}' is not a size", Hint);
        }

        if (unit.Length == 0)
        {
            // Nothing is nothing in any unit.
            return value == 0 ? default(ByteSize) : throw UsageError.Of($"size '{text}' has no unit", Hint);
        }

        foreach (var (name, bytes) in Units)
        {
            if (string.Equals(name, unit, StringComparison.OrdinalIgnoreCase))
            {
                return value <= (decimal)long.MaxValue / bytes
                    ? new ByteSize((long)(value * bytes))
                    : throw UsageError.Of($"size '{text}' is beyond 8 EiB", Hint);
            }
        }

        throw UsageError.Of($"size '{text}' has the unknown unit '{unit}'", Hint);
    }

    /// <summary>One digit behind the point and the largest fitting power of 1024: <c>176.0 MiB</c>; bytes as they are: <c>512 B</c>.</summary>
    public override string ToString()
    {
        if (Bytes < 1024)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Bytes} B");
        }

        // The unit is chosen after rounding: 1023.97 KiB is 1.0 MiB, not 1024.0 KiB.
        string[] names = ["KiB", "MiB", "GiB", "TiB"];
        var power = 0;
        var value = Tenths(1L << 10);
        while (value >= 1024 && power + 1 < names.Length)
        {
            power++;
            value = Tenths(1L << (10 * (power + 1)));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {names[power]}");
    }

    /// <summary>All of it, in the largest unit that leaves no fraction: <c>64KiB</c>, <c>1500B</c>.</summary>
    public string ToExactString()
    {
        var bytes = Bytes;
        var (unit, unitBytes) = Units
            .Where(entry => entry.Unit is "B" || entry.Unit.Contains('i', StringComparison.Ordinal))
            .Last(entry => bytes % entry.Bytes == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / unitBytes}{unit}");
    }

    private decimal Tenths(long unitBytes) =>
        Math.Round((decimal)Bytes / unitBytes, 1, MidpointRounding.AwayFromZero);
}
