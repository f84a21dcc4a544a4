using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Engine.Control;
using RsyncFs.Cli.Engine.Targets;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;
using RsyncFs.Linux.State;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary>Something to ask of targets, and where.</summary>
/// <param name="StateDirectory">The state directory.</param>
/// <param name="SocketPath">The control socket of the receiver.</param>
/// <param name="Request">What is asked.</param>
/// <param name="Given">The places that were named on the command line.</param>
internal sealed record TargetErrand(
    string StateDirectory,
    string SocketPath,
    ControlRequest Request,
    GivenOptions Given
)
{
    /// <summary>What is run when the target becomes something else and no receiver runs; null for nothing.</summary>
    public TargetHooks? Hooks { get; init; }

    /// <summary>Asks the receiver if one runs, and else does it on the state directory.</summary>
    /// <exception cref="RsyncFsException">It is not possible, or did not succeed.</exception>
    public async Task<ControlDocument> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Given.Complete(await AskAsync(cancellationToken));
        }
        catch (RsyncFsException error) when (error.Hint is not null)
        {
            throw Given.Complete(error);
        }
    }

    private async Task<ControlDocument> AskAsync(CancellationToken cancellationToken)
    {
        var services = Machine.Services();
        if (
            await ControlClient.TryAskAsync(SocketPath, Request, services.Clock, cancellationToken) is
            { } answer
        )
        {
            return answer;
        }

        StateOwner.Require(StateDirectory);
        var desk = new TargetDesk(StateDirectory, SocketPath, services, served: null) { Hooks = Hooks };
        return await desk.ExecuteAsync(Request, cancellationToken);
    }
}
