using RsyncFs.Protocol;

namespace RsyncFs.Tests.Sequences;

/// <summary>One thing that is wrong with a session.</summary>
/// <param name="From">The end whose message it is about.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="At">Which message of that end, counted from 0; round and round, if there are fewer.</param>
/// <param name="Which">Which field, byte or other message; or how many messages later.</param>
/// <param name="Value">What is there instead; or of which other session.</param>
internal sealed record Edit(ProtocolRole From, EditKind Kind, int At, int Which, int Value)
{
    public override string ToString() => $"{From} {At}: {Kind} {Which} {Value}";
}
