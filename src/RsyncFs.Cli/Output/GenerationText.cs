namespace RsyncFs.Cli.Output;

/// <summary>Generations as people read them.</summary>
internal static class GenerationText
{
    /// <summary>The letter g and the first 8 of 32 hexadecimal digits: <c>g1f2e3d4c</c>.</summary>
    public static string Of(Guid generation) => Of(generation.ToString("N"));

    /// <summary>The same of the 32 digits.</summary>
    public static string Of(string generation) => $"g{generation[..8]}";
}
