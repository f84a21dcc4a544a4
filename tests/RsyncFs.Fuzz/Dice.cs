namespace RsyncFs.Fuzz;

/// <summary>Chance that is the same for the same seed on every machine and version. SplitMix64 (Steele, Lea and Flood, 2014).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var bits = _state += 0x9E37_79B9_7F4A_7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>A number from 0 to <paramref name="end"/>, which is not one of them.</summary>
    public int Below(int end) => (int)BigMul(Next(), (uint)end);

    /// <summary>True once in <paramref name="times"/> times.</summary>
    public bool OneIn(int times) => Below(times) == 0;

    private static uint BigMul(ulong bits, uint end) => (uint)(((bits >> 32) * end) >> 32);
}
