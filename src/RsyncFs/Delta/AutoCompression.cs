using System.Buffers;
using System.Globalization;
using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>
/// Compresses by what brings most data through, as measured on the data itself: each codec on blocks of the delta, and
/// the line by what it took so far. Begins with LZ4, and tries the others only while the line is the bottleneck, when
/// there is time for it.
/// </summary>
/// <remarks>Raw bytes are no candidate: LZ4 steps over what does not compress, and what does saves the receiver's journal room.</remarks>
internal sealed class AutoCompression
{
    // The cheapest first. Denser levels gain a few percent on blocks of 64 KiB, for several times the work.
    private static readonly Compression[] Rungs =
    [
        Compression.Lz4,
        Compression.Zstd(1),
        Compression.Zstd(3),
        Compression.Zstd(9),
    ];

    // Of so much is remembered what it came to: the content changes along a device.
    private const long RememberedBytes = 16L * 1024 * 1024;

    // Until so much was measured of a codec it is not believed.
    private const long BelievedBytes = 64L * 1024;

    // Blocks between two looks at the line.
    private const int BlocksPerLook = 8;

    // For so much of the time that is spent on encoding, more may be spent on trying.
    private const double TrialShare = 0.25;

    private readonly Lock _gate = new();
    private readonly Func<LineRate> _line;
    private readonly int _threadCount;
    private readonly TimeProvider _clock;
    private readonly IBlockCodec[] _codecs;
    private readonly Measure[] _measures;
    private int _current;
    private int _nextTrial;
    private int _blocksSinceLook = BlocksPerLook;
    private bool _isLineBound;
    private LineRate _lastLine;
    private double _encodeSeconds;
    private double _trialSeconds;

    /// <summary>Begins with LZ4.</summary>
    /// <param name="codecs">What this end has, zstd among it.</param>
    /// <param name="line">Tells how fast the line is.</param>
    /// <param name="threadCount">Threads that encode.</param>
    /// <param name="clock">Measures.</param>
    public AutoCompression(BlockCodecs codecs, Func<LineRate> line, int threadCount, TimeProvider clock)
    {
        (_line, _threadCount, _clock) = (line, threadCount, clock);
        _codecs = [.. Rungs.Select(rung => codecs.For(rung)!)];
        _measures = [.. Rungs.Select(_ => new Measure())];
    }

    /// <summary>What is used now, and why.</summary>
    public CompressionChoice Choice
    {
        get
        {
            lock (_gate)
            {
                return new CompressionChoice(Rungs[_current], Reason());
            }
        }
    }

    /// <summary>As <see cref="LiteralCompressor.Encode"/>.</summary>
    public int Encode(ReadOnlySpan<byte> literal, Span<byte> room, out CodecId codec)
    {
        int current;
        int? trial;
        lock (_gate)
        {
            Look();
            current = _current;
            trial = NextTrial();
        }

        codec = _codecs[current].Id;
        var length = Run(current, literal, room, isTrial: false);
        if (trial is { } other)
        {
            var scratch = ArrayPool<byte>.Shared.Rent(room.Length);
            _ = Run(other, literal, scratch.AsSpan(0, room.Length), isTrial: true);
            ArrayPool<byte>.Shared.Return(scratch);
        }

        return length;
    }

    private int Run(int rung, ReadOnlySpan<byte> literal, Span<byte> room, bool isTrial)
    {
        var begun = _clock.GetTimestamp();
        var length = _codecs[rung].Encode(literal, room);
        var seconds = _clock.GetElapsedTime(begun).TotalSeconds;
        lock (_gate)
        {
            _measures[rung].Add(literal.Length, length == 0 ? literal.Length : length, seconds);
            _encodeSeconds += isTrial ? 0 : seconds;
            _trialSeconds += isTrial ? seconds : 0;
        }

        return length;
    }

    private void Look()
    {
        var isAnyNew = _measures.Any(measure => measure.IsNew);
        if (_blocksSinceLook++ < BlocksPerLook && !isAnyNew)
        {
            return;
        }

        _blocksSinceLook = 0;
        _lastLine = _line();
        if (!_lastLine.IsKnown || _measures[_current].Figures is not { } figures)
        {
            return;
        }

        List<CodecFigures?> known = [.. _measures.Select(measure => measure.Figures)];
        _current = CodecChooser.Choose(_lastLine, _threadCount, known, _current);
        _isLineBound = CodecChooser.IsLineBound(_lastLine, _threadCount, known[_current] ?? figures);
        Array.ForEach(_measures, measure => measure.IsNew = false);
    }

    private int? NextTrial()
    {
        if (!_isLineBound)
        {
            return null;
        }

        // What was never measured comes first, and needs no time to be left for it.
        var rung = Array.FindIndex(_measures, measure => measure.Figures is null);
        if (rung < 0)
        {
            if (_trialSeconds > _encodeSeconds * TrialShare)
            {
                return null;
            }

            _nextTrial = (_nextTrial + 1) % Rungs.Length;
            rung = _nextTrial;
        }

        return rung == _current ? null : rung;
    }

    private string Reason()
    {
        if (!_lastLine.IsKnown || _measures[_current].Figures is not { } used)
        {
            return "too little was sent to measure the line";
        }

        var line =
            $"{(_lastLine.IsLimit ? "the limit is" : "the line takes")} {Speed(_lastLine.BytesPerSecond)}";
        var encoded = Speed(CodecChooser.EncodedBy(_threadCount, used));
        var figures = string.Join(
            ", ",
            Rungs
                .Zip(_measures)
                .Where(entry => entry.Second.Figures is not null)
                .Select(entry =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{entry.First} {entry.Second.Figures!.Value.Ratio:0.00}x"
                    )
                )
        );
        return CodecChooser.IsLineBound(_lastLine, _threadCount, used)
            ? $"the line is the bottleneck: {line}, the processor encodes {encoded} ({figures})"
            : $"the processor is the bottleneck: {line}, and it encodes {encoded} ({figures})";
    }

    private static string Speed(double bytesPerSecond) =>
        bytesPerSecond >= 1e9
            ? string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / 1e9:0.0} GB/s")
            : string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / 1e6:0.0} MB/s");

    /// <summary>What a codec came to, forgotten by halves.</summary>
    private sealed class Measure
    {
        // A clock that stands still must not make a codec infinitely fast.
        private const double LeastSeconds = 1e-9;

        private double _bytes;
        private double _storedBytes;
        private double _seconds;

        /// <summary>True if it has become known since somebody looked.</summary>
        public bool IsNew { get; set; }

        /// <summary>Null until enough was measured.</summary>
        public CodecFigures? Figures =>
            _bytes < BelievedBytes
                ? null
                : new CodecFigures(_bytes / _storedBytes, _bytes / Math.Max(_seconds, LeastSeconds));

        /// <summary>Counts what was encoded.</summary>
        public void Add(int bytes, int storedBytes, double seconds)
        {
            var wasKnown = Figures is not null;
            _bytes += bytes;
            _storedBytes += storedBytes;
            _seconds += seconds;
            IsNew |= !wasKnown && Figures is not null;
            if (_bytes > RememberedBytes)
            {
                (_bytes, _storedBytes, _seconds) = (_bytes / 2, _storedBytes / 2, _seconds / 2);
            }
        }
    }
}
