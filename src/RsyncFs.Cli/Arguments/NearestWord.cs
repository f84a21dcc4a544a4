namespace RsyncFs.Cli.Arguments;

/// <summary>Finds the word that somebody probably meant.</summary>
internal static class NearestWord
{
    private const int ShortestGuessed = 3;

    /// <summary>
    /// The candidate with the fewest letters to change, or null if none is near: at most one change for each
    /// three letters typed, and none for words of one or two letters. Of two equally near, the first.
    /// </summary>
    public static string? Find(string typed, IEnumerable<string> candidates)
    {
        if (typed.Length < ShortestGuessed)
        {
            return null;
        }

        string? nearest = null;
        var fewest = Math.Max(1, typed.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            var distance = Distance(typed, candidate);
            if (distance < fewest)
            {
                (nearest, fewest) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>
    /// Letters to insert, remove, replace, or exchange with their neighbour, to make one word of the other, in any
    /// case: the optimal string alignment distance (Damerau 1964; Wagner and Fischer 1974).
    /// </summary>
    public static int Distance(string first, string second)
    {
        var previous = new int[second.Length + 1];
        var beforePrevious = new int[second.Length + 1];
        var current = new int[second.Length + 1];
        for (var column = 0; column <= second.Length; column++)
        {
            current[column] = column;
        }

        for (var row = 1; row <= first.Length; row++)
        {
            (beforePrevious, previous, current) = (previous, current, beforePrevious);
            current[0] = row;
            for (var column = 1; column <= second.Length; column++)
            {
                var replace = previous[column - 1] + (Same(first[row - 1], second[column - 1]) ? 0 : 1);
                current[column] = Math.Min(replace, Math.Min(previous[column], current[column - 1]) + 1);
                if (IsExchange(first, row, second, column))
                {
                    current[column] = Math.Min(current[column], beforePrevious[column - 2] + 1);
                }
            }
        }

        return current[second.Length];
    }

    private static bool IsExchange(string first, int row, string second, int column) =>
        row > 1
        && column > 1
        && Same(first[row - 1], second[column - 2])
        && Same(first[row - 2], second[column - 1]);

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
