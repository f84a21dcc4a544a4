namespace RsyncFs.SystemTests.Fixtures;

/// <summary>Makes image files.</summary>
internal static class Images
{
    /// <summary>Makes a file of zeros, all of it a hole, and gives its path.</summary>
    public static string Make(TemporaryDirectory directory, string name, long lengthBytes)
    {
        var path = directory.At(name);
        using var file = File.Create(path);
        file.SetLength(lengthBytes);
        return path;
    }
}
