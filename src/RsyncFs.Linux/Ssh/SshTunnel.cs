using System.ComponentModel;
using System.Diagnostics;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;

namespace RsyncFs.Linux.Ssh;

/// <summary>A command on another machine, run through ssh(1): its standard output is read, its standard input written.</summary>
public sealed class SshTunnel : AsyncStream
{
    // ssh(1), "EXIT STATUS"; POSIX, "Exit Status for Commands" of the shell.
    private const int SshFailed = 255;
    private const int NotFound = 127;
    private const int BySignal = 128;

    // When its output has ended, so has it, but for what is left to be cleaned up.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // From SIGTERM, at which ssh ends what it has started itself, a ProxyCommand for one, to SIGKILL.
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    private readonly SshCommand _command;
    private readonly Process _process;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly LastLines _errors = new();
    private readonly Task _readingErrors;
    private int? _exitCode;
    private bool _isDisposed;

    private SshTunnel(SshCommand command, Process process)
    {
        _command = command;
        _process = process;
        _input = process.StandardInput.BaseStream;
        _output = process.StandardOutput.BaseStream;
        _readingErrors = _errors.ReadAsync(process.StandardError);
    }

    /// <summary>Starts ssh. Whether the other machine can be reached is not known yet.</summary>
    /// <exception cref="RsyncFsException">There is no such program here.</exception>
    public static SshTunnel Open(SshCommand command)
    {
        var program =
            SystemProgram.FindMeant(command.Program[0])
            ?? throw NotThere(command, "there is no such program", null);
        var start = new ProcessStartInfo(program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return new SshTunnel(command, Process.Start(start)!);
        }
        catch (Win32Exception missing)
        {
            throw NotThere(command, missing.Message, missing);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => _output.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        await _input.WriteAsync(buffer, cancellationToken);
        await _input.FlushAsync(cancellationToken);
    }

    /// <summary>
    /// What ssh, or the command there, said last on its standard error; or else how it ended, if that was not by this
    /// end and not well. Null if there is nothing to say. To be asked when this is disposed.
    /// </summary>
    public async ValueTask<string?> LastWordsAsync() =>
        await ErrorsAsync() is { } words
            ? $"ssh said last: {words}"
            : _exitCode switch
            {
                null or 0 => null,
                > BySignal and < SshFailed =>
                    $"ssh ended with exit code {_exitCode}: signal {_exitCode - BySignal}",
                _ => $"ssh ended with exit code {_exitCode}",
            };

    /// <summary>The error for a stream that ended before a receiver greeted.</summary>
    /// <param name="printed">What came on standard output instead; empty if nothing.</param>
    public async Task<ConnectionException> NoReceiverAsync(string printed)
    {
        var words = await ErrorsAsync();
        var code = _process.WaitForExit(Patience) ? _process.ExitCode : (int?)null;
        var said = words ?? (printed.Length > 0 ? $"it printed: {printed}" : null);
        return new ConnectionException(
            code is SshFailed ? ErrorId.Unreachable : ErrorId.ConnectionLost,
            code is SshFailed ? "ssh did not get there" : "no receiver answered over ssh"
        )
        {
            Where = _command.Host,
            Cause = said ?? (code is null ? "nothing was said" : $"exit code {code}"),
            Hint = code switch
            {
                NotFound =>
                    "is rsyncfs installed there, and in the path of that user? Say where: --remote-rsyncfs PATH, or, if the key has a command of its own, in authorized_keys there",
                SshFailed => $"try it by hand: {_command.ByHand}",
                _ => $"by hand it should print 'rsyncfs-stdio 1': {_command.ByHand} {_command.Command}",
            },
        };
    }

    /// <summary>Hangs up, and waits for ssh to end; it is asked to if it does not, and at last made to.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        // The end of its input is the end for the command there, and ssh ends with that; unless the line is dead.
        await base.DisposeAsync();
        if (await HasEndedWithinAsync(Patience))
        {
            _exitCode = _process.ExitCode;
        }
        else
        {
            // It may have ended just now: then there is nothing to signal.
            _ = LibC.Kill(_process.Id, LibC.SignalTerminate);
            if (!await HasEndedWithinAsync(LastPatience))
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private async Task<string?> ErrorsAsync()
    {
        await Task.WhenAny(_readingErrors, Task.Delay(Patience));
        return _errors.Text;
    }

    private async Task<bool> HasEndedWithinAsync(TimeSpan time)
    {
        using var deadline = new CancellationTokenSource(time);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static RsyncFsException NotThere(SshCommand command, string cause, Exception? inner) =>
        new(ErrorId.DependencyMissing, "ssh can not be started", inner)
        {
            Where = command.Program[0],
            Cause = cause,
            Hint = "apt-get install openssh-client; or say what to call: --ssh-command COMMAND",
        };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _input.Dispose();
            _output.Dispose();
        }

        base.Dispose(disposing);
    }
}
