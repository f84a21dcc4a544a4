namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>A job and one of its destinations, by their names.</summary>
/// <param name="Job">The job.</param>
/// <param name="To">The receiver, or the path of a local device or image.</param>
internal readonly record struct JobWay(string Job, string To)
{
    /// <summary>As people name it: <c>db01/dr2</c>.</summary>
    public override string ToString() => $"{Job}/{To}";
}
