using System.Runtime.InteropServices;
using RsyncFs.Cli;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class FailureTests
{
    [Fact]
    public void AKnownErrorKeepsItsExitCode()
    {
        var error = new RefusedException(ErrorId.TargetUnknown, "x");
        Assert.Equal(new Failure(error, ExitCode.Denied), Failure.Of(error, signal: null));
    }

    [Fact]
    public void WhatNobodyClassifiedIsADefectOfOurs()
    {
        var failure = Failure.Of(new InvalidOperationException("broken"), signal: null);
        Assert.Equal(ExitCode.Bug, failure.Code);
        Assert.Equal("InvalidOperationException: broken", failure.Error.Message);
        Assert.NotNull(failure.Error.Hint);
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT, ExitCode.Interrupted)]
    [InlineData(PosixSignal.SIGTERM, ExitCode.Terminated)]
    public void AnEndBySignalIsThatEvenIfTheConnectionBrokeBecauseOfIt(PosixSignal signal, ExitCode code)
    {
        Assert.Equal(code, Failure.Of(new OperationCanceledException(), signal).Code);
        var broken = new ConnectionException(ErrorId.ConnectionLost, "x");
        Assert.Equal(code, Failure.Of(broken, signal).Code);
        Assert.Equal(ErrorId.Interrupted, Failure.Of(broken, signal).Error.Id);
    }

    [Fact]
    public void ASignalDoesNotHideWhatWasFound()
    {
        var differs = new RsyncFsException(ErrorId.VerifyDiffers, "x");
        Assert.Equal(ExitCode.Differs, Failure.Of(differs, PosixSignal.SIGINT).Code);
    }

    [Fact]
    public void ACancellationWithoutASignalIsADefect() =>
        Assert.Equal(ExitCode.Bug, Failure.Of(new OperationCanceledException(), signal: null).Code);

    [Fact]
    public void ABrokenConnectionWithoutASignalIsUnreachable() =>
        Assert.Equal(
            ExitCode.Unreachable,
            Failure.Of(new ConnectionException(ErrorId.Stalled, "x"), signal: null).Code
        );

    [Fact]
    public void WithJsonItIsTwoEventsOnStandardOutputAndNothingElse()
    {
        var fake = new FakeTerminal();
        var failure = Failure.Of(
            new RefusedException(ErrorId.TargetBusy, "a \"second\" sender") { Where = "db01" },
            null
        );
        failure.Print(fake.Terminal, new OutputSettings(Json: true, ProgressStyle.None, Quiet: false, 0));
        Assert.Equal(
            """
            {"v":1,"type":"error","ts":"2026-09-24T10:15:00.112Z","run":"7f3a91c2","id":"target-busy","exit_code":5,"message":"a \"second\" sender","where":"db01","transient":true}
            {"v":1,"type":"exit","ts":"2026-09-24T10:15:00.112Z","run":"7f3a91c2","code":5}

            """,
            fake.Output
        );
        Assert.Empty(fake.Error);
    }
}
