namespace RsyncFs.Cli.Arguments;

/// <summary>The words of one option and what they stand for.</summary>
/// <param name="option">The option's name, for error texts.</param>
/// <param name="entries">Word and value, in the order in which help shows them.</param>
internal sealed class Choice<T>(string option, params (string Word, T Value)[] entries)
{
    /// <summary>The words, in order.</summary>
    public IEnumerable<string> Words => entries.Select(entry => entry.Word);

    /// <summary>The words as help shows them: <c>auto|lz4|none</c>.</summary>
    public string HelpName => string.Join('|', Words);

    /// <summary>The first word that stands for <paramref name="value"/>.</summary>
    public string WordOf(T value) =>
        entries.First(entry => EqualityComparer<T>.Default.Equals(entry.Value, value)).Word;

    /// <summary>The value of <paramref name="word"/>.</summary>
    /// <exception cref="Errors.RsyncFsException">It is none of the words.</exception>
    public T Parse(string word)
    {
        foreach (var entry in entries)
        {
            if (string.Equals(entry.Word, word, StringComparison.Ordinal))
            {
                return entry.Value;
            }
        }

        var nearest = NearestWord.Find(word, Words);
        var one = nearest is null ? "" : $"did you mean '{nearest}'?   ";
        throw UsageError.Of(
            $"'{word}' is not a value of {option}",
            $"{one}one of: {string.Join(' ', Words)}"
        );
    }
}
