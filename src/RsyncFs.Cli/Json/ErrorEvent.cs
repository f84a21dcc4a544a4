using RsyncFs.Errors;

namespace RsyncFs.Cli.Json;

/// <summary>A failure: <see cref="RsyncFsException"/>, field by field.</summary>
internal sealed record ErrorEvent() : JsonEvent("error")
{
    /// <summary>The stable id, in kebab case.</summary>
    public required string Id { get; init; }

    /// <summary>The exit code that the process ends with.</summary>
    public required int ExitCode { get; init; }

    /// <summary>What happened.</summary>
    public required string Message { get; init; }

    /// <summary>The device, target, address or file.</summary>
    public string? Where { get; init; }

    /// <summary>What the system, a command or the peer said.</summary>
    public string? Cause { get; init; }

    /// <summary>What to do.</summary>
    public string? Hint { get; init; }

    /// <summary><c>limit-reached</c>: bytes of the blocks that differ and have arrived; missing if that is not known.</summary>
    public long? Arrived { get; init; }

    /// <summary><c>limit-reached</c>: bytes of the blocks that differ.</summary>
    public long? Total { get; init; }

    /// <summary><c>limit-reached</c>: bytes put on the connection.</summary>
    public long? Sent { get; init; }

    /// <summary>Of a job: the destination that failed.</summary>
    public string? Dest { get; init; }

    /// <summary><c>serve</c>: the address and port of whose session failed.</summary>
    public string? Peer { get; init; }

    /// <summary><c>serve</c>: what this machine calls it; missing if it is not known by a key.</summary>
    public string? Name { get; init; }

    /// <summary><c>serve</c>: the key that it has proven to have, known or not.</summary>
    public string? Key { get; init; }

    /// <summary>True if the same command may succeed later with nobody having done anything.</summary>
    public required bool Transient { get; init; }

    /// <summary>Makes the event.</summary>
    public static ErrorEvent Of(RsyncFsException error, ExitCode code)
    {
        var part = error is LimitReachedException { TotalBytes: > 0 } reached ? reached : null;
        return new()
        {
            Id = ErrorCatalogue.Kebab(error.Id),
            ExitCode = (int)code,
            Message = error.Message,
            Where = error.Where,
            Cause = error.Cause,
            Hint = error.Hint,
            Transient = ErrorCatalogue.IsTransient(error.Id),
            Arrived = part?.ArrivedBytes,
            Total = part?.TotalBytes,
            Sent = part?.SentBytes,
        };
    }
}
