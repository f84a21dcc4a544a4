namespace RsyncFs.Cli.Arguments;

/// <summary>Some days of the week.</summary>
/// <param name="Bits">The lowest bit is Monday.</param>
internal readonly record struct WeekDays(int Bits)
{
    private const int DayCount = 7;

    // A run of two is as short with a comma, and says more plainly that it is two.
    private const int ShortestRun = 3;

    private const string Hint = "mon tue wed thu fri sat sun, as in mon-fri or sat,sun";

    private static readonly string[] Names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// <summary>All seven.</summary>
    public static WeekDays All => new((1 << DayCount) - 1);

    /// <summary>True if <paramref name="day"/> is one of them.</summary>
    public bool Contains(DayOfWeek day) => HasDay(((int)day + DayCount - 1) % DayCount);

    /// <summary>Reads <c>mon</c>, <c>mon-fri</c>, <c>sat,sun</c>, or several of these with commas; <c>fri-mon</c> goes over the week's end.</summary>
    /// <exception cref="Errors.RsyncFsException">A word is no day.</exception>
    public static WeekDays Parse(string text)
    {
        var bits = 0;
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2)
            {
                throw UsageError.Of($"'{part.Trim()}' is neither a day nor a run of days", Hint);
            }

            var last = IndexOf(ends[^1].Trim());
            var day = IndexOf(ends[0].Trim());
            bits |= 1 << last;
            for (; day != last; day = (day + 1) % DayCount)
            {
                bits |= 1 << day;
            }
        }

        return new WeekDays(bits);
    }

    /// <summary>What <see cref="Parse"/> reads again, from Monday on: <c>mon-wed,fri</c>.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        for (var day = 0; day < DayCount; day++)
        {
            if (!HasDay(day))
            {
                continue;
            }

            var first = day;
            while (day + 1 < DayCount && HasDay(day + 1))
            {
                day++;
            }

            parts.AddRange(
                day - first + 1 >= ShortestRun ? [$"{Names[first]}-{Names[day]}"] : Names[first..(day + 1)]
            );
        }

        return string.Join(',', parts);
    }

    private static int IndexOf(string name)
    {
        var index = Array.IndexOf(Names, name);
        return index >= 0 ? index : throw UsageError.Of($"'{name}' is not a day of the week", Hint);
    }

    private bool HasDay(int day) => (Bits & (1 << day)) != 0;
}
