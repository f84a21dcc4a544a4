using RsyncFs.Fuzz;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>What the fuzz loop has kept is read again, and some 100,000 inputs made of it. More: scripts/fuzz.</summary>
public sealed class FuzzTests
{
    private const int InputsOfAShare = 180;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void WhateverComesIsReadOrRefused(string name)
    {
        var target = FuzzTargets.All.Single(target =>
            string.Equals(target.Name, name, StringComparison.Ordinal)
        );
        var seed = (ulong)TestSeed.NewRandom().NextInt64();
        var loop = new FuzzLoop(target, coverage: null, seed);
        loop.Begin();
        loop.Run(InputsOfAShare * target.Share);
        Assert.All(
            loop.Findings,
            finding => Assert.Fail($"{finding.Problem}\n{Convert.ToHexStringLower(finding.Input)}")
        );
    }
}
