using RsyncFs.Errors;

namespace RsyncFs.Cli.Json;

/// <summary>A failure, as it crosses the control socket.</summary>
internal sealed record ControlError
{
    /// <summary>The stable id, in kebab case.</summary>
    public required string Id { get; init; }

    /// <summary>What happened.</summary>
    public required string Message { get; init; }

    /// <summary>The device, target or file.</summary>
    public string? Where { get; init; }

    /// <summary>What the system said.</summary>
    public string? Cause { get; init; }

    /// <summary>What to do.</summary>
    public string? Hint { get; init; }

    /// <summary>What is sent for <paramref name="error"/>.</summary>
    public static ControlError Of(RsyncFsException error) =>
        new()
        {
            Id = ErrorCatalogue.Kebab(error.Id),
            Message = error.Message,
            Where = error.Where,
            Cause = error.Cause,
            Hint = error.Hint,
        };

    /// <summary>The error as it was thrown at the other end; an id that is not known here is refused by its words alone.</summary>
    public RsyncFsException ToException() =>
        new(ErrorCatalogue.Parse(Id) ?? ErrorId.TargetState, Message)
        {
            Where = Where,
            Cause = Cause,
            Hint = Hint,
        };
}
