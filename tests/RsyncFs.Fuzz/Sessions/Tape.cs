namespace RsyncFs.Fuzz.Sessions;

/// <summary>The frames that one end of a session sent, each with how many the other end had sent before.</summary>
internal sealed class Tape
{
    private readonly List<ScriptedFrame> _frames = [];
    private volatile int _count;

    /// <summary>Frames so far.</summary>
    public int Count => _count;

    /// <summary>What was sent.</summary>
    public IReadOnlyList<ScriptedFrame> Frames => _frames;

    /// <summary>Adds one.</summary>
    public void Add(ReadOnlySpan<byte> frame, int after)
    {
        _frames.Add(new ScriptedFrame(frame.ToArray(), (byte)Math.Min(after, byte.MaxValue)));
        _count = _frames.Count;
    }
}
