using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;

namespace RsyncFs.Linux.Ssh;

/// <summary>
/// Standard input and output as one stream, for a program that another one talks to. From when it is opened the two
/// descriptors lead to <c>/dev/null</c>: nothing that prints gets between the frames.
/// </summary>
public sealed class StandardStream : AsyncStream
{
    private readonly AnonymousPipeClientStream _input;
    private readonly AnonymousPipeClientStream _output;

    private StandardStream(AnonymousPipeClientStream input, AnonymousPipeClientStream output)
    {
        _input = input;
        _output = output;
    }

    /// <summary>Takes the two over.</summary>
    /// <exception cref="RsyncFsException">One is no pipe and no socket: a person has called, or a script that redirects.</exception>
    public static StandardStream Open()
    {
        AnonymousPipeClientStream? input = null;
        try
        {
            input = Take(PipeDirection.In, LibC.StandardInput);
            var output = Take(PipeDirection.Out, LibC.StandardOutput);
            DetachStandard();
            return new StandardStream(input, output);
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            input?.Dispose();
            throw new RsyncFsException(
                ErrorId.Usage,
                "standard input and output lead to no other program",
                error
            )
            {
                Hint = "this is for ssh to run: on the sender, rsyncfs sync SOURCE rsyncfs+ssh://HOST/TARGET",
            };
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => _input.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => _output.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _output.Dispose();
            _input.Dispose();
        }

        base.Dispose(disposing);
    }

    private static AnonymousPipeClientStream Take(PipeDirection direction, int descriptor)
    {
        var copy = LibC.Duplicate(descriptor, LibC.DuplicateCloseOnExec, LibC.FirstOrdinaryDescriptor);
        return copy < 0
            ? throw new IOException(Marshal.GetLastPInvokeErrorMessage())
            : new AnonymousPipeClientStream(direction, new SafePipeHandle(copy, ownsHandle: true));
    }

    private static void DetachStandard()
    {
        var errno = NativeFile.Open("/dev/null", LibC.ReadWrite, mode: 0, out var nowhere);
        using (nowhere)
        {
            if (
                errno != 0
                || LibC.DuplicateOnto(nowhere!, LibC.StandardInput) < 0
                || LibC.DuplicateOnto(nowhere!, LibC.StandardOutput) < 0
            )
            {
                throw new IOException("/dev/null can not be had");
            }
        }
    }
}
