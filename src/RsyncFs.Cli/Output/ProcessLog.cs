using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output.Logs;

namespace RsyncFs.Cli.Output;

/// <summary>What programs said that belong to no run of their own: those that tell somebody of jobs, and the hooks of a receiver.</summary>
internal sealed class ProcessLog(Terminal terminal, OutputSettings settings) : IHookLog
{
    private readonly LogWriter _log = new(terminal, settings);

    /// <inheritdoc/>
    public void Warn(string message)
    {
        if (settings.Json)
        {
            new JsonLines(terminal).Write(new WarningEvent { Message = message });
            return;
        }

        _log.Write(
            new LogLine(LogLevel.Warning, "warning", message) { Human = $"rsyncfs: warning: {message}" }
        );
    }

    /// <inheritdoc/>
    public void Hear(string hook, string line, bool isError)
    {
        if (settings.Json)
        {
            new JsonLines(terminal).Write(
                new HookEvent
                {
                    Hook = hook,
                    Line = line,
                    IsError = isError,
                }
            );
            return;
        }

        _log.Write(
            new LogLine(isError ? LogLevel.Warning : LogLevel.Info, "hook", line)
            {
                Human = $"rsyncfs: {hook}: {line}",
                Fields = [new LogField("hook", hook)],
            }
        );
    }
}
