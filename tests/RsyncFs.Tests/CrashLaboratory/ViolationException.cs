namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>The engine broke a promise. No part of it catches this.</summary>
internal sealed class ViolationException(string check, string text) : Exception($"{check}: {text}")
{
    /// <summary>The invariant, short: the same for all violations of one kind.</summary>
    public string Check { get; } = check;

    /// <summary>What happened to the machine until then, crash by crash; empty if the case was not traced.</summary>
    public IReadOnlyList<string> Story { get; set; } = [];

    /// <summary>Throws unless <paramref name="holds"/>.</summary>
    public static void ThrowUnless(bool holds, string check, string text)
    {
        if (!holds)
        {
            throw new ViolationException(check, text);
        }
    }
}
