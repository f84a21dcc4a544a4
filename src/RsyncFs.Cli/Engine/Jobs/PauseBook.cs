using System.Globalization;
using RsyncFs.Errors;
using RsyncFs.Linux.Keys;
using RsyncFs.Linux.State;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>Which jobs are paused, and until when: the file <c>paused</c> in the state directory, a line each. It outlives the loop.</summary>
internal sealed class PauseBook
{
    /// <summary>The file.</summary>
    public const string FileName = "paused";

    private const string ForEver = "-";
    private const string Form = "yyyy-MM-ddTHH:mm:ssZ";

    private readonly string _stateDirectory;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    /// <summary>Reads it.</summary>
    /// <exception cref="StateException">It can not be read, or is none.</exception>
    public PauseBook(string stateDirectory)
    {
        _stateDirectory = stateDirectory;
        StateOwner.Require(stateDirectory);
        try
        {
            if (File.Exists(Place))
            {
                Array.ForEach(File.ReadAllLines(Place), Read);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StateException(ErrorId.StateIo, "the list of paused jobs can not be read", failure)
            {
                Where = Place,
                Cause = failure.Message,
            };
        }
    }

    private string Place => Path.Combine(_stateDirectory, FileName);

    /// <summary>Until when a job is paused; null if it is not.</summary>
    public DateTimeOffset? UntilOf(string job)
    {
        lock (_gate)
        {
            return _until.TryGetValue(job, out var until) ? until : null;
        }
    }

    /// <summary>Durably notes that jobs are paused until then; not any more if null.</summary>
    /// <exception cref="StateException">It could not be written. They are paused, or not, as long as this process lives.</exception>
    public void Note(IEnumerable<string> jobs, DateTimeOffset? until)
    {
        lock (_gate)
        {
            foreach (var job in jobs)
            {
                if (until is { } time)
                {
                    _until[job] = time;
                }
                else
                {
                    _until.Remove(job);
                }
            }

            _ = LinuxDurableDirectory.OpenRoot(_stateDirectory);
            var lines = _until.Select(entry =>
                $"{entry.Key} {(entry.Value == DateTimeOffset.MaxValue ? ForEver : entry.Value.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture))}\n"
            );
            WholeFile.Replace(Place, string.Concat(lines));
        }
    }

    private void Read(string line)
    {
        var words = line.Split(' ');
        var isTime = DateTimeOffset.TryParseExact(
            words[^1],
            Form,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var until
        );
        if (words.Length != 2 || !(isTime || words[1] is ForEver))
        {
            throw new StateException(ErrorId.StateDamaged, "the list of paused jobs is damaged")
            {
                Where = Place,
                Cause = $"a line is '{line}'",
                Hint = "remove the file: no job is paused then",
            };
        }

        _until[words[0]] = isTime ? until : DateTimeOffset.MaxValue;
    }
}
