using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Begins a cycle. Sender to receiver; answered by the first <see cref="Credit"/>.</summary>
/// <param name="Generation">The id of the generation to come; zero if the session writes nothing.</param>
/// <param name="Parent">The generation that the target must be at; zero if it is at none.</param>
/// <param name="Plan">How the changes are found.</param>
/// <param name="ApplyMode">How the delta is brought onto the target; fixed for the cycle.</param>
/// <param name="DataTime">When the source was as it is sent.</param>
public sealed record BeginGeneration(
    Guid Generation,
    Guid Parent,
    Plan Plan,
    ApplyMode ApplyMode,
    DateTimeOffset DataTime
) : Message;
