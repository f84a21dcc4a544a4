namespace RsyncFs.Cli.Output;

/// <summary>What is at work in this process: each says where it is whenever somebody asks. For several threads.</summary>
internal sealed class StatusBoard
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>From now on <paramref name="tell"/> is called when somebody asks, until what this gives is disposed of.</summary>
    public IDisposable Add(Action tell)
    {
        var entry = new Entry(this, tell);
        lock (_gate)
        {
            _entries.Add(entry);
        }

        return entry;
    }

    /// <summary>Lets each say where it is, in the order in which they began.</summary>
    public void Tell()
    {
        List<Entry> all;
        lock (_gate)
        {
            all = [.. _entries];
        }

        try
        {
            all.ForEach(entry => entry.Tell());
        }
        catch (IOException)
        {
            // There is nothing to say it on. The work goes on.
        }
    }

    private void Remove(Entry entry)
    {
        lock (_gate)
        {
            _entries.Remove(entry);
        }
    }

    private sealed class Entry(StatusBoard board, Action tell) : IDisposable
    {
        public void Tell() => tell();

        public void Dispose() => board.Remove(this);
    }
}
