using System.Diagnostics;

namespace RsyncFs.Fuzz;

/// <summary>
/// Feeds one target. What comes where no input came before is kept, cut down a little, and is what further inputs are
/// made of. Without coverage nothing is kept.
/// </summary>
internal sealed class FuzzLoop
{
    private const int TrimTries = 24;
    private const int MostFindings = 10;

    private readonly FuzzTarget _target;
    private readonly CoverageLog? _coverage;
    private readonly Dice _dice;
    private readonly Mutator _mutator;
    private readonly List<byte[]> _corpus = [];
    private readonly Dictionary<string, (string Problem, byte[] Input)> _findings = new(
        StringComparer.Ordinal
    );
    private readonly Stopwatch _time = new();

    public FuzzLoop(FuzzTarget target, CoverageLog? coverage, ulong seed)
    {
        _target = target;
        _coverage = coverage;
        _dice = new Dice(seed);
        _mutator = new Mutator(_dice, target.Words, target.MaxLength);
    }

    /// <summary>The input that is being read: for whoever finds that it takes for ever.</summary>
    public byte[] Current { get; private set; } = [];

    /// <summary>When reading it began, on the clock of <see cref="Stopwatch"/>; 0 while nothing is read.</summary>
    public long CurrentSince { get; private set; }

    /// <summary>Inputs so far.</summary>
    public long InputCount { get; private set; }

    /// <summary>Inputs that are kept.</summary>
    public int CorpusCount => _corpus.Count;

    /// <summary>What was found, one of a kind: a problem, and an input that shows it.</summary>
    public IReadOnlyCollection<(string Problem, byte[] Input)> Findings => _findings.Values;

    /// <summary>The time that went into the target.</summary>
    public TimeSpan Elapsed => _time.Elapsed;

    /// <summary>The kept inputs, the short ones first.</summary>
    public IEnumerable<byte[]> Kept => _corpus.OrderBy(input => input.Length);

    /// <summary>How many of them came from chance.</summary>
    public int DiscoveredCount { get; private set; }

    /// <summary>Reads all that the corpus has, and the seeds.</summary>
    public void Begin()
    {
        foreach (var input in _target.Seeds().Concat(Corpus.Load(_target)))
        {
            if (Feed(input) || _coverage is null)
            {
                _corpus.Add(input);
            }
        }

        // A target whose seeds all break it still has something to begin with.
        _corpus.AddRange(_corpus.Count == 0 ? [new byte[16]] : []);
    }

    /// <summary>Makes and reads inputs, so many.</summary>
    public void Run(int count)
    {
        for (; count > 0 && _findings.Count < MostFindings; count--)
        {
            var input = _mutator.Mutate(Pick(), _corpus[_dice.Below(_corpus.Count)]);
            // One in four as it is: the checks before the fixed ones want to be met, too.
            input = _dice.OneIn(4) ? input : _target.Fix(input);
            if (Feed(input))
            {
                var small = Trim(input);
                _corpus.Add(small);
                DiscoveredCount++;
            }
        }
    }

    // What was kept last has been tried least.
    private byte[] Pick()
    {
        var from = _dice.OneIn(2) ? _corpus.Count * 3 / 4 : 0;
        return _corpus[from + _dice.Below(_corpus.Count - from)];
    }

    /// <summary>True if the input came where none was before.</summary>
    private bool Feed(byte[] input)
    {
        _time.Start();
        InputCount++;
        var problem = Check(input);
        _time.Stop();
        if (problem is not null)
        {
            _findings.TryAdd(KindOf(problem), (problem, input));
        }

        return _coverage?.Learn() == true;
    }

    private string? Check(byte[] input)
    {
        (Current, CurrentSince) = (input, Stopwatch.GetTimestamp());
        _coverage?.Begin();
        var problem = _target.Check(input);
        CurrentSince = 0;
        return problem;
    }

    /// <summary>The input without what does not matter for where it comes.</summary>
    private byte[] Trim(byte[] input)
    {
        _ = Check(input);
        var wanted = _coverage!.Signature();
        var part = input.Length / 2;
        for (var tries = 0; tries < TrimTries && part > 0; )
        {
            var isCut = false;
            for (var at = 0; at + part <= input.Length && tries < TrimTries; tries++)
            {
                var shorter = _target.Fix([.. input.AsSpan(0, at), .. input.AsSpan(at + part)]);
                _ = Check(shorter);
                if (_coverage.Signature() == wanted)
                {
                    input = shorter;
                    isCut = true;
                }
                else
                {
                    at += part;
                }
            }

            part = isCut ? Math.Min(part, input.Length / 2) : part / 2;
        }

        return input;
    }

    // What stands behind the colon differs from input to input, and so do numbers.
    private static string KindOf(string problem) =>
        string.Concat(problem.Split(": ")[0].Where(letter => !char.IsAsciiDigit(letter)));
}
