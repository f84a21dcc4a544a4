using RsyncFs.Blocks;
using RsyncFs.Journals;
using RsyncFs.Targets;

namespace RsyncFs.Updates;

/// <summary>One delta on its way onto a target. Used by one thread; disposing one that was not committed abandons it.</summary>
internal interface ITargetUpdate : IDisposable
{
    /// <summary>
    /// Takes one record: resolves it against the target, proves it by its digest, and stages or writes it. False if
    /// it did not prove: the block must come again, whole.
    /// </summary>
    /// <exception cref="Errors.ProtocolException">It can not be right: it does not decode, or a whole block does not prove.</exception>
    /// <exception cref="Errors.RefusedException">The delta is larger than the journal may become.</exception>
    /// <exception cref="Errors.DeviceException">The target could not be read or written.</exception>
    /// <exception cref="Errors.StateException">It could not be staged (a full disk, say).</exception>
    bool Stage(DeltaRecord record);

    /// <summary>Makes what was taken so far durable, so that the delta can be gone on from here after a break.</summary>
    /// <param name="recordCount">Records of the delta so far.</param>
    /// <param name="chain">The chain over them.</param>
    /// <exception cref="Errors.DeviceException">The target could not be flushed.</exception>
    /// <exception cref="Errors.StateException">What was staged could not be flushed.</exception>
    void Checkpoint(long recordCount, Digest chain);

    /// <summary>
    /// Checks the whole, and makes it durable where this way of updating has a place for it before the target. True
    /// if from now on the generation can not be lost, though it is not on the target yet.
    /// </summary>
    /// <param name="end">What the sender says of the whole.</param>
    /// <param name="progress">Told what it is busy with, and the bytes so far.</param>
    /// <exception cref="Errors.RsyncFsException">See the implementations for the state that each leaves.</exception>
    bool MakeDurable(GenerationEnd end, Action<UpdateStep, long> progress);

    /// <summary>Makes the target the new generation; when this returns, it durably is. Gives the generation it is at.</summary>
    /// <param name="progress">Told what it is busy with, and the bytes written so far.</param>
    /// <exception cref="Errors.RsyncFsException">See the implementations for the state that each leaves.</exception>
    Guid Apply(Action<UpdateStep, long> progress);
}
