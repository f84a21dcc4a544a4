namespace RsyncFs.Cli.Arguments;

/// <summary>A device or an image of this machine.</summary>
/// <param name="Path">Its path, as it was written.</param>
internal sealed record LocalDestination(string Path) : Destination
{
    /// <summary>The path.</summary>
    public override string ToString() => Path;
}
