namespace RsyncFs.Cli.Output;

/// <summary>Told what a program said that was run at a point of a cycle, and what went wrong with it.</summary>
internal interface IHookLog
{
    /// <summary>Says what a person should look at though the work goes on.</summary>
    void Warn(string message);

    /// <summary>Says what a hook said.</summary>
    /// <param name="hook">What people call it.</param>
    /// <param name="line">A line of it.</param>
    /// <param name="isError">True if it came on its standard error.</param>
    void Hear(string hook, string line, bool isError);
}
