using RsyncFs.Access;
using RsyncFs.Cli.Arguments;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Ssh;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine;

/// <summary>Makes the way to a receiver through ssh: who each end is, and that nobody else reads, is ssh's affair.</summary>
internal static class SshLink
{
    // From the start of ssh to the greeting: somebody may be asked for a passphrase, and the receiver there may have to
    // finish a generation before it takes anybody.
    private static readonly TimeSpan GreetingDeadline = TimeSpan.FromMinutes(10);

    /// <summary>Runs a receiver on the machine of <paramref name="destination"/>, and gives the way to it.</summary>
    /// <exception cref="ConnectionException">ssh did not get there, or nothing there greeted.</exception>
    /// <exception cref="RsyncFsException">There is no ssh here.</exception>
    public static async Task<ReceiverLink> OpenAsync(
        SshDestination destination,
        SshSettings settings,
        Services services,
        CancellationToken cancellationToken
    )
    {
        var command = $"{settings.RemoteProgram} serve --stdio --peer {PeerList.NameOf(services.Node)}";
        var tunnel = SshTunnel.Open(
            new SshCommand(settings.Program, destination.User, destination.Host, destination.Port, command)
        );
        try
        {
            await GreetAsync(tunnel, destination, services.Clock, cancellationToken);
        }
        catch
        {
            await tunnel.DisposeAsync();
            throw;
        }

        var connection = new Connection(tunnel, services.Clock, destination.Where, ProtocolRole.Sender);
        return new ReceiverLink(connection, Task.CompletedTask, localTarget: null)
        {
            LastWords = tunnel.LastWordsAsync,
            // Who may log in is asked when somebody does, and settings do not change while a job runs.
            IsStillGood = _ => true,
        };
    }

    private static async Task GreetAsync(
        SshTunnel tunnel,
        SshDestination destination,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(GreetingDeadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        string? other;
        try
        {
            other = await StdioGreeting.ReadAsync(tunnel, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new ConnectionException(ErrorId.Stalled, "no receiver answered over ssh")
            {
                Where = destination.Where,
                Cause = $"nothing came within {GreetingDeadline.TotalMinutes:F0} minutes",
            };
        }
        catch (IOException)
        {
            other = "";
        }

        if (other is not null)
        {
            throw await tunnel.NoReceiverAsync(other);
        }
    }
}
