using RsyncFs.Protocol;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class SendPacerTests
{
    private const int FrameBytes = 256 * 1024;

    private readonly ManualClock _clock = new();
    private readonly SendPacer _pacer;
    private readonly long _begun;

    public SendPacerTests()
    {
        _pacer = new SendPacer(_clock);
        _begun = _clock.GetTimestamp();
    }

    /// <summary>From the least on to what no test could send.</summary>
    public static TheoryData<long> Rates =>
        [
            ProtocolLimits.MinSendBytesPerSecond,
            100_000,
            1_000_003,
            5_000_000,
            100L * 1024 * 1024,
            10_000_000_000,
        ];

    private double Seconds => _clock.GetElapsedTime(_begun).TotalSeconds;

    [Fact]
    public void WithoutALimitEverythingPassesAtOnce()
    {
        Assert.Equal(int.MaxValue, _pacer.Take(int.MaxValue, out var wait));
        Assert.Equal(TimeSpan.Zero, wait);
        Assert.Null(_pacer.BytesPerSecond);
    }

    /// <summary>Not a byte more than the rate brings and one burst, at any moment; and not a piece less.</summary>
    [Theory]
    [MemberData(nameof(Rates))]
    public void AWriterThatWaitsAsLongAsItIsToldSendsExactlyTheRate(long rate)
    {
        _pacer.BytesPerSecond = rate;
        var sent = Write(TimeSpan.FromSeconds(20), rate, late: TimeSpan.Zero);
        Assert.InRange(sent, (Seconds * rate) - FrameBytes, (Seconds * rate) + (rate / 10) + 1);
    }

    /// <summary>A machine that has other things to do wakes nobody in time; the rate is kept nevertheless.</summary>
    [Theory]
    [MemberData(nameof(Rates))]
    public void AWriterThatWakesLateLosesNothing(long rate)
    {
        _pacer.BytesPerSecond = rate;
        var sent = Write(TimeSpan.FromSeconds(20), rate, late: TimeSpan.FromMilliseconds(30));
        Assert.InRange(sent, (Seconds * rate) - FrameBytes, (Seconds * rate) + (rate / 10) + 1);
    }

    [Fact]
    public void APauseIsMadeGoodByNoMoreThanABurst()
    {
        _pacer.BytesPerSecond = 1_000_000;
        _clock.Advance(TimeSpan.FromHours(8));
        // A tenth of a second: four pieces of 25000 bytes.
        Assert.Equal(100_000, TakeAll());
        _clock.Advance(TimeSpan.FromMilliseconds(24));
        Assert.Equal(0, TakeAll());
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(25_000, TakeAll());
    }

    [Fact]
    public void TellsToTheMillisecondWhenThereIsLeaveAgain()
    {
        _pacer.BytesPerSecond = 100_000;
        // 10000 bytes are there, of which pieces of 4096 take two.
        Assert.Equal(8192, TakeAll());
        Assert.Equal(0, _pacer.Take(FrameBytes, out var wait));
        // 2288 bytes are missing: 22.88 ms.
        Assert.Equal(TimeSpan.FromMilliseconds(23), wait);
        Assert.Equal(0, _pacer.Take(FrameBytes, out wait));
        Assert.Equal(TimeSpan.FromMilliseconds(23), wait);
        _clock.Advance(TimeSpan.FromMilliseconds(22));
        Assert.Equal(0, _pacer.Take(FrameBytes, out wait));
        Assert.Equal(TimeSpan.FromMilliseconds(1), wait);
        _clock.Advance(wait);
        Assert.Equal(4096, _pacer.Take(FrameBytes, out wait));
        Assert.Equal(TimeSpan.Zero, wait);
    }

    [Fact]
    public void WhatIsLeftOfAFrameNeedsNoWholePiece()
    {
        _pacer.BytesPerSecond = 100_000;
        Assert.Equal(8192, TakeAll());
        Assert.Equal(1808, _pacer.Take(1808, out _));
        Assert.Equal(0, _pacer.Take(1, out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(1), wait);
    }

    [Fact]
    public void AnotherRateHoldsFromTheNextPieceOn()
    {
        _pacer.BytesPerSecond = 100L * 1024 * 1024;
        Assert.Equal(FrameBytes, _pacer.Take(FrameBytes, out _));
        _pacer.BytesPerSecond = ProtocolLimits.MinSendBytesPerSecond;
        // What was saved at the higher rate is not spent at the lower one.
        Assert.Equal(4096, TakeAll());
        Assert.Equal(0, _pacer.Take(FrameBytes, out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(25), wait);
        _pacer.BytesPerSecond = 100_000_000;
        _clock.Advance(TimeSpan.FromMilliseconds(25));
        Assert.Equal(2_500_000, _pacer.Take(int.MaxValue, out _));
        _pacer.BytesPerSecond = null;
        Assert.Equal(int.MaxValue, _pacer.Take(int.MaxValue, out _));
    }

    [Fact]
    public void RefusesARateAtWhichThePeerWouldTakeThisEndForStalled()
    {
        _pacer.BytesPerSecond = 70_000;
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            _pacer.BytesPerSecond = ProtocolLimits.MinSendBytesPerSecond - 1
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => _pacer.BytesPerSecond = 0);
        Assert.Equal(70_000, _pacer.BytesPerSecond);
    }

    /// <summary>Writes frame after frame; each wait is as long as it was told, and a little longer.</summary>
    private long Write(TimeSpan time, long rate, TimeSpan late)
    {
        var sent = 0L;
        while (true)
        {
            for (var left = FrameBytes; left > 0; )
            {
                var piece = _pacer.Take(left, out var wait);
                sent += piece;
                left -= piece;
                var most = (rate * Seconds) + (rate * SendPacer.Burst.TotalSeconds) + 1;
                Assert.True(sent <= most, $"{sent} bytes after {Seconds} s, {most} at most");
                if (piece > 0)
                {
                    continue;
                }

                if (Seconds + wait.TotalSeconds > time.TotalSeconds)
                {
                    return sent;
                }

                _clock.Advance(wait + late);
            }
        }
    }

    private long TakeAll()
    {
        var taken = 0L;
        while (_pacer.Take(FrameBytes, out _) is > 0 and var piece)
        {
            taken += piece;
        }

        return taken;
    }
}
