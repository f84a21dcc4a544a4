using System.Buffers;
using System.Text;

namespace RsyncFs.Access;

/// <summary>
/// The machines that this one knows, one a line: <c>NAME KEY [TARGET=RIGHT[,RIGHT]]...</c>. Blank lines and lines that
/// begin with <c>#</c> say nothing. Names and keys are there once. Immutable.
/// </summary>
/// <param name="peers">The machines, in the order of the file.</param>
public sealed class PeerList(IReadOnlyList<Peer> peers)
{
    // As long as a host's name may be (RFC 1035, 2.3.4), and a port behind it.
    private const int MaxNameLetters = 253 + 6;

    private static readonly SearchValues<char> NameLetters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]"
    );

    /// <summary>Nobody.</summary>
    public static PeerList Empty { get; } = new([]);

    /// <summary>The machines.</summary>
    public IReadOnlyList<Peer> Peers { get; } = peers;

    /// <summary>The owner of <paramref name="key"/>; null if that is nobody who is known.</summary>
    public Peer? Find(KeyFingerprint key) => Peers.FirstOrDefault(peer => peer.Key == key);

    /// <summary>The machine of that name; null if there is none.</summary>
    public Peer? Find(string name) =>
        Peers.FirstOrDefault(peer => string.Equals(peer.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The list with <paramref name="peer"/> in the place of whoever had its name, or at the end.</summary>
    public PeerList With(Peer peer)
    {
        var others = Without(peer.Name).Peers.ToList();
        var at = Peers.TakeWhile(other => !IsNamed(other, peer.Name)).Count();
        others.Insert(Math.Min(at, others.Count), peer);
        return new PeerList(others);
    }

    /// <summary>The list without the machine of that name.</summary>
    public PeerList Without(string name) => new([.. Peers.Where(other => !IsNamed(other, name))]);

    /// <summary>Reads a list.</summary>
    /// <exception cref="FormatException">A line is none, or a name or a key is there twice; the message names the line.</exception>
    public static PeerList Parse(string text)
    {
        var list = new List<Peer>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#'))
            {
                continue;
            }

            try
            {
                list.Add(ParsePeer(words, list));
            }
            catch (FormatException wrong)
            {
                throw new FormatException($"line {number}: {wrong.Message}", wrong);
            }
        }

        return new PeerList(list);
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string Print()
    {
        var text = new StringBuilder("# NAME KEY [TARGET=RIGHT[,RIGHT]]...\n");
        foreach (var peer in Peers)
        {
            text.Append(peer.Name).Append(' ').Append(peer.Key);
            foreach (var (target, rights) in peer.Rights)
            {
                text.Append(' ').Append(target).Append('=').Append(RightsText.Print(rights));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static Peer ParsePeer(string[] words, List<Peer> before)
    {
        if (words is not [var name, var keyText, .. var granted])
        {
            throw new FormatException("a name and a key belong there");
        }

        if (!IsName(name))
        {
            throw new FormatException(
                $"'{name}' is not a peer's name: letters, digits and . - _ : [ ] make one"
            );
        }

        if (!KeyFingerprint.TryParse(keyText, out var key))
        {
            throw new FormatException($"'{keyText}' is no key: rfk1: and 44 letters");
        }

        if (before.Find(other => IsNamed(other, name) || other.Key == key) is { } twice)
        {
            throw new FormatException($"the name or the key is {twice.Name}'s already");
        }

        var rights = new Dictionary<string, Rights>(StringComparer.Ordinal);
        foreach (var word in granted)
        {
            var (target, what) = ParseGrant(word);
            if (!rights.TryAdd(target, what))
            {
                throw new FormatException($"target '{target}' is there twice");
            }
        }

        return new Peer(name, key, rights);
    }

    /// <summary>Reads <c>TARGET=RIGHT[,RIGHT]</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static (string Target, Rights Rights) ParseGrant(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (word[..equals], RightsText.Parse(word[(equals + 1)..]))
            : throw new FormatException(
                $"'{word}' is not TARGET=RIGHT[,RIGHT]; rights are {RightsText.AllWords}"
            );
    }

    /// <summary>True for what can be a peer's name: a host's name or address, among others.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLetters && !text.AsSpan().ContainsAnyExcept(NameLetters);

    private static bool IsNamed(Peer peer, string name) =>
        string.Equals(peer.Name, name, StringComparison.OrdinalIgnoreCase);
}
