using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Commands.Keys;
using RsyncFs.Cli.Commands.Targets;
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
        var output = new OutputOptions();
        var root = CommandLine.Build(
            output,
            [
                new SyncCommand().Build(output, terminal),
                new RunCommand().Build(output, terminal),
                new RunCommand(isPlan: true).Build(output, terminal),
                new LoopCommand().Build(output, terminal),
                .. LoopVerbCommand.Build(output, terminal),
                new LimitCommand().Build(output, terminal),
                new ConfigCommand().Build(output, terminal),
                new ServeCommand().Build(output, terminal),
                new VerifyCommand().Build(output, terminal),
                TargetCommand.Build(output, terminal),
                KeyCommand.Build(output, terminal),
                new PeerCommand().Build(output, terminal),
                new DoctorCommand().Build(output, terminal),
                VersionCommand.Build(output, terminal),
            ]
        );
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
