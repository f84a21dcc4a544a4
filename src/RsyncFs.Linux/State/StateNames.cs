namespace RsyncFs.Linux.State;

/// <summary>What a name in a state directory may be: one component, so that no state lies outside.</summary>
internal static class StateNames
{
    public static void ThrowIfInvalid(string name)
    {
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
        {
            throw new ArgumentException($"'{name}' is no name of a state file", nameof(name));
        }
    }
}
