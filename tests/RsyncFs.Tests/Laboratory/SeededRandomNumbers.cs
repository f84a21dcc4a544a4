using System.Security.Cryptography;

namespace RsyncFs.Tests.Laboratory;

/// <summary>Randomness that is the same in every run with the same seed.</summary>
public sealed class SeededRandomNumbers(int seed) : RandomNumberGenerator
{
    private readonly Random _random = new(seed);

    public override void GetBytes(byte[] data)
    {
        lock (_random)
        {
            _random.NextBytes(data);
        }
    }
}
