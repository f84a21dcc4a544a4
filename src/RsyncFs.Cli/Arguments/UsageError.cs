using RsyncFs.Errors;

namespace RsyncFs.Cli.Arguments;

/// <summary>Makes the error for a command line that can not be understood. Nothing was done when it is thrown.</summary>
internal static class UsageError
{
    /// <summary>An error of class <see cref="ErrorId.Usage"/>: what is wrong, and what to type instead.</summary>
    public static RsyncFsException Of(string message, string? hint) =>
        new(ErrorId.Usage, message) { Hint = hint };
}
