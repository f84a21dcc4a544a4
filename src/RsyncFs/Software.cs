namespace RsyncFs;

/// <summary>What this program is.</summary>
public static class Software
{
    /// <summary>The version, as in <c>0.1.0</c>.</summary>
    public static string Version { get; } = typeof(Software).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Name and version, as peers are told.</summary>
    public static string Name { get; } = $"rsyncfs {Version}";
}
