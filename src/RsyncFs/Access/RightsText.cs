namespace RsyncFs.Access;

/// <summary>Rights as people write them: <c>write,verify,init</c>.</summary>
public static class RightsText
{
    private static readonly (string Word, Rights Right)[] Words =
    [
        ("write", Rights.Write),
        ("verify", Rights.Verify),
        ("init", Rights.Init),
    ];

    /// <summary>The words that there are.</summary>
    public static string AllWords { get; } = string.Join(',', Words.Select(word => word.Word));

    /// <summary>Reads rights.</summary>
    /// <exception cref="FormatException">A word is none of them, or there is none.</exception>
    public static Rights Parse(string text)
    {
        var rights = Rights.None;
        foreach (var part in text.Split(','))
        {
            var known = Words.FirstOrDefault(word =>
                string.Equals(word.Word, part, StringComparison.Ordinal)
            );
            rights |=
                known.Right != Rights.None
                    ? known.Right
                    : throw new FormatException($"'{part}' is no right: {AllWords}");
        }

        return rights;
    }

    /// <summary>As <see cref="Parse"/> reads them.</summary>
    public static string Print(Rights rights) =>
        string.Join(',', Words.Where(word => rights.HasFlag(word.Right)).Select(word => word.Word));
}
