namespace RsyncFs.Errors;

/// <summary>
/// A failure that has a class, a place and a remedy. The message says what happened, in lower case and with real
/// numbers; the other properties are the lines printed below it.
/// </summary>
public class RsyncFsException : Exception
{
    /// <summary>Makes an error of the given class.</summary>
    public RsyncFsException(ErrorId id, string message, Exception? inner = null)
        : base(message, inner)
    {
        Id = id;
    }

    /// <summary>The class of the failure.</summary>
    public ErrorId Id { get; }

    /// <summary>The device, target, address or file, and the offset where there is one.</summary>
    public string? Where { get; init; }

    /// <summary>What the operating system, a command or the peer said.</summary>
    public string? Cause { get; init; }

    /// <summary>What a person can type or change.</summary>
    public string? Hint { get; init; }

    /// <summary>The code with which the process ends if nobody handles this.</summary>
    public ExitCode ExitCode => ErrorCatalogue.ExitCodeOf(Id);
}
