using System.Buffers;

namespace RsyncFs.Cli.Arguments;

/// <summary>What a target may be called: fit for a unit's instance, a label and part of a volume's name.</summary>
internal static class TargetName
{
    private static readonly SearchValues<char> Letters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789_.-"
    );

    /// <summary>Letters of the longest name.</summary>
    public const int MaxLength = 63;

    /// <summary>The rule in words, for hints.</summary>
    public const string Rule =
        "a target's name has 1 to 63 of a-z 0-9 _ . - and begins with a letter or a digit, as in db01";

    /// <summary>True for <c>[a-z0-9][a-z0-9_.-]{0,62}</c>.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength
        && name[0] is not ('_' or '.' or '-')
        && !name.AsSpan().ContainsAnyExcept(Letters);
}
