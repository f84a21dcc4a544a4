namespace RsyncFs.Cli.Configuration;

/// <summary>Who is told what of which jobs.</summary>
internal sealed record NotifyRule
{
    /// <summary>How long a program may take if nothing is said.</summary>
    public static TimeSpan DefaultRunTimeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one attempt of a ping may take if nothing is said.</summary>
    public static TimeSpan DefaultPingTimeout { get; } = TimeSpan.FromSeconds(10);

    /// <summary>When what was told is told again if nothing is said.</summary>
    public static TimeSpan DefaultReminder { get; } = TimeSpan.FromHours(6);

    /// <summary>Of what; at least one.</summary>
    public required IReadOnlyList<NotifyEvent> On { get; init; }

    /// <summary>The program that is run, by its absolute path, and its arguments; none if an address is asked.</summary>
    public IReadOnlyList<string> Run { get; init; } = [];

    /// <summary>The address that is asked; null if a program is run.</summary>
    public Uri? Ping { get; init; }

    /// <summary>True if the address is asked by POST, with what is told in the body.</summary>
    public bool IsPost { get; init; }

    /// <summary>How long the program, or one attempt of the ping, may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>What goes on failing, or stays behind, is told again after this time.</summary>
    public TimeSpan RemindEvery { get; init; } = DefaultReminder;

    /// <summary>That a cycle began, or ended as it should, is told at most as often as this.</summary>
    public TimeSpan Every { get; init; }

    /// <summary>The names of the jobs; none for all.</summary>
    public IReadOnlyList<string> Jobs { get; init; } = [];

    /// <summary>What people read: the program's file, or the machine that is asked. The rest of an address is often a secret.</summary>
    public string Name => Ping?.Host ?? Path.GetFileName(Run[0]);

    /// <summary>True if it is told of that job.</summary>
    public bool IsFor(string job) => Jobs.Count == 0 || Jobs.Contains(job, StringComparer.Ordinal);
}
