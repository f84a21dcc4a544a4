using RsyncFs.Errors;

namespace RsyncFs.Cli.Configuration;

/// <summary>A configuration that can not be used. Nothing was done.</summary>
/// <param name="errors">All that is wrong with it, in the order of the files; at least one.</param>
internal sealed class ConfigException(IReadOnlyList<RsyncFsException> errors)
    : RsyncFsException(errors[0].Id, errors[0].Message)
{
    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<RsyncFsException> Errors => errors;
}
