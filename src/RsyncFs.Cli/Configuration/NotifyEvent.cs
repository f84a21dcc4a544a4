namespace RsyncFs.Cli.Configuration;

/// <summary>What somebody may want to be told of a job.</summary>
internal enum NotifyEvent
{
    /// <summary>A cycle begins.</summary>
    Start,

    /// <summary>A cycle ended as it should.</summary>
    Success,

    /// <summary>A cycle failed, for another reason than <see cref="Fenced"/> where that is wanted, too.</summary>
    Failed,

    /// <summary>A destination is behind by more than the job's <c>rpo</c>.</summary>
    Lagging,

    /// <summary>The target was promoted: it takes nothing any more from here.</summary>
    Fenced,

    /// <summary>A cycle ended as it should after something else was told.</summary>
    Recovered,
}
