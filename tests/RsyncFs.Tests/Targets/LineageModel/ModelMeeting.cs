using RsyncFs.Errors;
using RsyncFs.Targets;

namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>What came of one cycle.</summary>
/// <param name="World">The world after it.</param>
/// <param name="Outcome">What the receiver decided; null if it was not asked, or has no such target.</param>
/// <param name="Refusal">Why nothing was sent; null if something was.</param>
/// <param name="Succeeded">True if the sender reports success.</param>
internal sealed record ModelMeeting(
    ModelWorld World,
    ConnectOutcome? Outcome,
    RefusedException? Refusal,
    bool Succeeded
);
