namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// Decisions that are the same in every run with the same seed, on every runtime. A copy decides on its own as the
/// original would have (SplitMix64, Steele, Lea, Flood 2014).
/// </summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number of 64 random bits.</summary>
    public ulong NextNumber()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number from 0 on that is below <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)((UInt128)NextNumber() * (ulong)bound >> 64);

    /// <summary>True in one of <paramref name="count"/> cases.</summary>
    public bool OneIn(int count) => Below(count) == 0;

    /// <summary>Fills <paramref name="bytes"/> with random bytes.</summary>
    public void Fill(Span<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            BitConverter.TryWriteBytes(bytes, NextNumber());
            bytes = bytes[sizeof(ulong)..];
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)NextNumber();
        }
    }

    /// <summary>One that decides as this will, without moving this one.</summary>
    public Chance Copy() => new(_state);
}
