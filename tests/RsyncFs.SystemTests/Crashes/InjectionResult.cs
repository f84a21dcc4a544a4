using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>What came of one injection.</summary>
/// <param name="Point">Where.</param>
/// <param name="Call">The call that it met; null if the transaction made fewer.</param>
/// <param name="Said">How the sender, or the receiver that recovered, ended: an exit code and an error's id.</param>
/// <param name="Left">What the target was after a restart; where the receiver lived on, before the next run.</param>
/// <param name="NextPlan">How the next run found the changes.</param>
internal sealed record InjectionResult(
    InjectionPoint Point,
    TracedCall? Call,
    string Said,
    Held Left,
    string NextPlan
)
{
    private string Word =>
        Left switch
        {
            Held.New => "N+1",
            Held.Old => "N",
            _ => "mix",
        };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Point.Injection, -16} {Call?.ToString() ?? "not reached", -60} {Said, -28} then {Word, -4} next {NextPlan}";
}
