namespace RsyncFs.Cli.Output;

/// <summary>Chooses how a run speaks.</summary>
internal static class RunOutput
{
    /// <summary>Words or events, as <paramref name="settings"/> say.</summary>
    public static IRunOutput Open(Terminal terminal, OutputSettings settings, RunTitle title) =>
        settings.Json
            ? new JsonRunOutput(terminal, settings, title)
            : new TextRunOutput(terminal, settings, title);
}
