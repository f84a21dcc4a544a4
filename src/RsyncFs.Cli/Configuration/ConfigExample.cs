namespace RsyncFs.Cli.Configuration;

/// <summary>docs/examples/sender.yaml, which is a part of the program.</summary>
internal static class ConfigExample
{
    private const string Name = "sender.yaml";

    /// <summary>All of it.</summary>
    public static string Text
    {
        get
        {
            using var stream = typeof(ConfigExample).Assembly.GetManifestResourceStream(Name)!;
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }
}
