namespace RsyncFs.Errors;

/// <summary>What belongs to an <see cref="ErrorId"/>.</summary>
/// <param name="exitCode">The exit code of a process that ends with it.</param>
/// <param name="hint">What a person does, where the error itself does not say it better.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class ErrorClassAttribute(ExitCode exitCode, string hint) : Attribute
{
    /// <summary>The exit code of a process that ends with it.</summary>
    public ExitCode ExitCode => exitCode;

    /// <summary>What a person does.</summary>
    public string Hint => hint;
}
