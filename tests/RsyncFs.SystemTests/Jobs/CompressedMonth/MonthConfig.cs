using System.Text;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>The sender's configuration as it is now. It is replaced whole: who reads it again may do so at any moment.</summary>
/// <param name="path">Where it is.</param>
/// <param name="state">The sender's state directory.</param>
/// <param name="receivers">By name, the addresses of the receivers.</param>
/// <param name="jobs">All jobs.</param>
internal sealed class MonthConfig(
    string path,
    string state,
    IReadOnlyDictionary<string, string> receivers,
    IReadOnlyList<MonthJob> jobs
)
{
    private static readonly string[] Compressions = ["auto", "lz4", "none"];

    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _changeCount = new(StringComparer.Ordinal);

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Leaves a job out.</summary>
    public void Remove(string job)
    {
        _removed.Add(job);
        Write();
    }

    /// <summary>Has it again.</summary>
    public void Restore(string job)
    {
        _removed.Remove(job);
        Write();
    }

    /// <summary>Makes a job another than it was.</summary>
    public void Change(string job)
    {
        _changeCount[job] = _changeCount.GetValueOrDefault(job) + 1;
        Write();
    }

    /// <summary>Writes what can not be used.</summary>
    public void Break() => Replace("version: 1\njobs: [{ name: job00, colour: green }]\n");

    /// <summary>Writes it.</summary>
    public void Write()
    {
        var text = new StringBuilder($"version: 1\nstate: {state}\nreceivers:\n");
        foreach (var (name, url) in receivers)
        {
            text.Append($"  {name}: {{ url: \"{url}\", allow_plaintext: true }}\n");
        }

        text.Append("defaults: { min_rest: 200ms, retry: { first: 200ms, max: 2s } }\njobs:\n");
        foreach (var (index, job) in jobs.Index())
        {
            if (!_removed.Contains(job.Name))
            {
                var variant = index + _changeCount.GetValueOrDefault(job.Name);
                text.Append(
                    $"  - {{ name: {job.Name}, device: {job.Source}, to: [{string.Join(", ", job.Receivers)}], interval: {1 + (variant % 2)}s, compression: {Compressions[variant % Compressions.Length]} }}\n"
                );
            }
        }

        Replace(text.ToString());
    }

    private void Replace(string text)
    {
        File.WriteAllText(path + ".next", text);
        File.Move(path + ".next", path, overwrite: true);
    }
}
