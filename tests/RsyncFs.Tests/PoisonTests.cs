using RsyncFs.Fuzz;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// No byte that was never written leaves the process: two woven libraries that find different bytes in unwritten
/// memory send and store the same.
/// </summary>
public sealed class PoisonTests
{
    private const byte One = 0xA5;
    private const byte Other = 0x3C;

    [Fact]
    public void WhatIsSentAndKeptDoesNotDependOnUnwrittenMemory() =>
        Assert.Equal(
            Call<string[]>(nameof(PoisonedSessions.Run), One),
            Call<string[]>(nameof(PoisonedSessions.Run), Other)
        );

    [Fact]
    public void WhatIsReservedAndNotWrittenIsSeen() =>
        Assert.Equal([One, One, One, One], Call<byte[]>(nameof(PoisonedSessions.Leak), One));

    private static T Call<T>(string method, byte poison) =>
        WovenContext.Call<T>(typeof(PoisonedSessions).FullName!, method, _ => [poison]);
}
