using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        // Device work blocks its thread; what keeps a session alive must not wait until the pool notices.
        ThreadPool.SetMinThreads(workerThreads: 64, completionPortThreads: 1);
        using var signals = new SignalWatch();
        var terminal = Terminal.OfProcess();
        using var status = new StatusSignal(terminal.Status);
        var output = new OutputOptions();
        var root = Verbs.Build(output, terminal);
        try
        {
            var code = await CommandLine.RunAsync(root, args, signals.Token);
            return code == (int)ExitCode.Interrupted && signals.Received is { } signal
                ? (int)Failure.CodeOf(signal)
                : code;
        }
#pragma warning disable CA1031 // The end of Main: whatever comes up to here becomes a message and an exit code.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            var failure = Failure.Of(thrown, signals.Received);
            failure.TryPrint(terminal, OutputSettings.Guess(FlagBundle.Split(args)));
            return (int)failure.Code;
        }
    }
}
