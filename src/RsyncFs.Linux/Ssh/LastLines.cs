using RsyncFs.Protocol;

namespace RsyncFs.Linux.Ssh;

/// <summary>The last lines of what a program says, however much it says.</summary>
internal sealed class LastLines
{
    private const int MaxLineCount = 5;
    private const int MaxLineBytes = 512;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = [];

    /// <summary>The lines, with semicolons between; null if there are none.</summary>
    public string? Text
    {
        get
        {
            lock (_gate)
            {
                return _lines.Count > 0 ? string.Join("; ", _lines) : null;
            }
        }
    }

    /// <summary>Reads to the end.</summary>
    public async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                Add(PeerText.Clean(line, MaxLineBytes).Trim());
            }
        }
        catch (IOException)
        {
            // It can not be read any more: what was read is what there is.
        }
    }

    private void Add(string line)
    {
        lock (_gate)
        {
            if (line.Length > 0)
            {
                _lines.Enqueue(line);
            }

            if (_lines.Count > MaxLineCount)
            {
                _lines.Dequeue();
            }
        }
    }
}
