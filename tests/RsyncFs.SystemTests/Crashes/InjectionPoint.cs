using System.Globalization;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>The n-th call of one transaction, and what happens to it.</summary>
/// <param name="Injection">What.</param>
/// <param name="At">To the how-manieth of its calls, from 1.</param>
internal sealed record InjectionPoint(Injection Injection, int At)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Injection} at {At}");
}
