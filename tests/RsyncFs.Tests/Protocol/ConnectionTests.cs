using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class ConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MessagesArriveInOrderAndBytesAreCounted()
    {
        await using var session = await SessionPair.OpenAsync(Token);
        for (var block = 0; block < 500; block++)
        {
            await session.Sender.SendAsync(new AuditQuery([block]), Token);
            Assert.Equal([block], ((AuditQuery)await session.Receiver.ReceiveAsync(Token)).Blocks);
            await session.Receiver.SendAsync(new AuditDigests(new byte[16]), Token);
            Assert.IsType<AuditDigests>(await session.Sender.ReceiveAsync(Token));
        }

        Assert.Equal(session.Sender.BytesSent, session.Receiver.BytesReceived);
        Assert.Equal(session.Receiver.BytesSent, session.Sender.BytesReceived);
        Assert.True(session.Sender.BytesSent > 500 * FrameHeader.LengthBytes);
    }

    [Fact]
    public async Task FramesOfSeveralCallersAreNeverMixed()
    {
        await using var session = await SessionPair.OpenAsync(Token);
        await session.Receiver.GrantAsync(ProtocolLimits.InitialCreditBytes, Token);
        using var unread = new SemaphoreSlim(ProtocolLimits.UnreadMessageCount);
        var deltas = Task.Run(
            async () =>
            {
                for (var block = 0; block < 300; block++)
                {
                    await session.Sender.SendAsync(new DeltaBatch([Literal(block)]), Token);
                }
            },
            Token
        );
        var checkpoints = Task.Run(
            async () =>
            {
                for (var count = 0; count < 300; count++)
                {
                    await unread.WaitAsync(Token);
                    await session.Sender.SendAsync(new Checkpoint(count, default, false), Token);
                }
            },
            Token
        );
        var (nextBlock, nextCount) = (0L, 0L);
        while (nextBlock + nextCount < 600)
        {
            switch (await session.Receiver.ReceiveAsync(Token))
            {
                case DeltaBatch delta:
                    Assert.Equal(nextBlock++, delta.Records[0].FirstBlock);
                    break;
                case Checkpoint checkpoint:
                    Assert.Equal(nextCount++, checkpoint.RecordCount);
                    unread.Release();
                    break;
            }
        }

        await Task.WhenAll(deltas, checkpoints);
    }

    [Fact]
    public async Task AStreamThatEndsWithoutByeWasCut()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        bench.Stream.End();
        var error = await bench.FailureAsync();
        Assert.Equal(ErrorId.ConnectionLost, error.Id);
        Assert.Contains("before its closing message", error.Message, StringComparison.Ordinal);
        Assert.True(bench.Connection.Lost.IsCancellationRequested);
        Assert.Same(error, await bench.FailureAsync());
        await Assert.ThrowsAsync<ConnectionException>(() =>
            bench.Connection.SendAsync(new Credit(1), Token).AsTask()
        );
    }

    [Fact]
    public async Task AStreamThatEndsInsideAFrameWasCut()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        var frame = Frames.Encode(new AuditQuery([1]), ConnectionBench.Format);
        await bench.Stream.FeedAsync(frame.AsMemory(0, frame.Length - 1), Token);
        bench.Stream.End();
        Assert.Equal(ErrorId.ConnectionLost, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task WhatCameBeforeACutIsStillReceived()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        await bench.FeedAsync(new AuditQuery([1]), new AuditQuery([2]));
        bench.Stream.End();
        Assert.IsType<AuditQuery>(await bench.Connection.ReceiveAsync(Token));
        Assert.IsType<AuditQuery>(await bench.Connection.ReceiveAsync(Token));
        Assert.Equal(ErrorId.ConnectionLost, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task RefusesMessagesOfTheWrongDirection()
    {
        var random = new RandomMessages(3);
        foreach (var role in new[] { ProtocolRole.Sender, ProtocolRole.Receiver })
        {
            foreach (var message in random.OneOfEach())
            {
                if (MessageCoding.SenderOf(message.Type) != role || message is Refused)
                {
                    continue;
                }

                // It comes from an end of the role that this end has.
                await using var bench =
                    role == ProtocolRole.Sender
                        ? await ConnectionBench.OpenSenderAsync(Token)
                        : await ConnectionBench.OpenReceiverAsync(Token);
                bench.Connection.UseFormat(random.Format);
                await bench.Stream.FeedAsync(Frames.Encode(message, random.Format), Token);
                Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
            }
        }
    }

    [Fact]
    public async Task DoesNotSendMessagesOfTheOtherEnd()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        var sending = () => bench.Connection.SendAsync(new PageQuery([1]), Token).AsTask();
        await Assert.ThrowsAsync<ArgumentException>(sending);
    }

    [Fact]
    public async Task RefusesMoreUnreadMessagesThanAllowed()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        for (var count = 0; count < ProtocolLimits.UnreadMessageCount; count++)
        {
            await bench.FeedAsync(new AuditQuery([1]));
        }

        Assert.False(bench.Connection.Lost.IsCancellationRequested);
        await bench.FeedAsync(new AuditQuery([1]));
        Assert.True(bench.Connection.Lost.IsCancellationRequested);
        Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task RefusesAnswersThatNobodyAskedFor()
    {
        Message[] answers =
        [
            new Signatures(0, new byte[256 * 20]),
            new PageHashes(0, [1]),
            new AuditDigests(new byte[16]),
            new GroupDigests(0, new byte[16]),
        ];
        foreach (var answer in answers)
        {
            await using var bench = await ConnectionBench.OpenSenderAsync(Token);
            await bench.FeedAsync(answer);
            var error = await bench.FailureAsync();
            Assert.Contains("nobody asked for", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RefusesAnAnswerToAnotherQuestion()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        await bench.Connection.SendAsync(new SignatureQuery(4, 2), Token);
        await bench.FeedAsync(new Signatures(4, new byte[256 * 20]), new Signatures(6, new byte[256 * 20]));
        Assert.Equal(4, ((Signatures)await bench.Connection.ReceiveAsync(Token)).Group);
        Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task AsksNoMoreThanTheOtherEndLetsLieUnread()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        for (var query = 0; query < ProtocolLimits.OutstandingQueryCount; query++)
        {
            await bench.Connection.SendAsync(
                query % 2 == 0 ? new AuditQuery([1]) : new SignatureQuery(0, 2),
                Token
            );
        }

        var sending = () => bench.Connection.SendAsync(new PageQuery([1]), Token).AsTask();
        await Assert.ThrowsAsync<ArgumentException>(sending);
        await bench.FeedAsync(new Signatures(0, new byte[256 * 20]));
        await bench.Connection.ReceiveAsync(Token);
        await Assert.ThrowsAsync<ArgumentException>(sending);
        await bench.FeedAsync(new Signatures(1, new byte[256 * 20]));
        await bench.Connection.ReceiveAsync(Token);
        await sending();
    }

    [Fact]
    public async Task GroupDigestsComeUnaskedInOrderAndOnceACycle()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        var begin = new BeginGeneration(Guid.AllBitsSet, default, Plan.Compare, ApplyMode.Journal, default);
        await bench.Connection.SendAsync(begin, Token);
        var groupCount = (int)ConnectionBench.Format.Layout.GroupCount;
        for (var group = 0; group < groupCount; group++)
        {
            await bench.FeedAsync(new GroupDigests(group, new byte[16]));
            await bench.Connection.ReceiveAsync(Token);
        }

        await bench.FeedAsync(new GroupDigests(0, new byte[16]));
        Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task ARefusalEndsTheSessionWithItsText()
    {
        await using var session = await SessionPair.OpenAsync(Token);
        var waiting = session.Sender.SendAsync(new DeltaBatch([Literal(1)]), Token).AsTask();
        var refusal = new RefusedException(ErrorId.TargetInUse, "mounted\u001b[2J\non /mnt")
        {
            Where = "web-root",
            Hint = "unmount it",
        };
        await Refusal.SendAsync(session.Receiver, refusal, Token);
        var error = await Assert.ThrowsAsync<RefusedException>(() => waiting);
        Assert.True(error.ByPeer);
        Assert.Equal(ErrorId.TargetInUse, error.Id);
        Assert.Equal("mounted [2J on /mnt", error.Message);
        Assert.Equal("receiver: web-root", error.Where);
        Assert.Null(error.Cause);
        Assert.Equal("unmount it", error.Hint);
        Assert.Same(
            error,
            await Assert.ThrowsAsync<RefusedException>(() => session.Sender.ReceiveAsync(Token).AsTask())
        );
    }

    [Fact]
    public void ARefusalOfANewerPeerKeepsItsWords()
    {
        var error = Refusal.Read(new Refused("moon-phase", "wrong moon", "", "", ""), "peer");
        Assert.Equal(ErrorId.ProtocolVersion, error.Id);
        Assert.Equal("refused as moon-phase: wrong moon", error.Message);
        Assert.False(ErrorCatalogue.IsTransient(error.Id));
    }

    [Fact]
    public void LongTextsOfARefusalAreCut()
    {
        var refused = Refusal.Write(new RefusedException(ErrorId.TargetBusy, new string('ü', 5000)));
        Assert.Equal(512, refused.Text.Length);
        Assert.Equal(refused, Frames.Decode(Frames.Encode(refused, null), null));
    }

    [Fact]
    public async Task CancellingASendHalfWayEndsTheSession()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        bench.Stream.BlocksWrites = true;
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sending = bench.Connection.SendAsync(new AuditQuery([1]), cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.True(bench.Connection.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task CancellingAReceiveHarmsNothing()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var receiving = bench.Connection.ReceiveAsync(cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        await bench.FeedAsync(new AuditQuery([1]));
        Assert.IsType<AuditQuery>(await bench.Connection.ReceiveAsync(Token));
    }

    [Fact]
    public async Task DisposingTwiceEndsWhoWaits()
    {
        var bench = await ConnectionBench.OpenReceiverAsync(Token);
        var receiving = bench.Connection.ReceiveAsync(Token).AsTask();
        await bench.DisposeAsync();
        await bench.DisposeAsync();
        Assert.Equal(
            ErrorId.ConnectionLost,
            (await Assert.ThrowsAsync<ConnectionException>(() => receiving)).Id
        );
        Assert.True(bench.Connection.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task GarbageEndsASessionAndNothingElse()
    {
        const int Seed = 20260103;
        var random = new Random(Seed);
        for (var input = 0; input < 500; input++)
        {
            await using var bench =
                input % 2 == 0
                    ? await ConnectionBench.OpenReceiverAsync(Token)
                    : ConnectionBench.Create(ProtocolRole.Receiver, Token);
            var garbage = new byte[1 + random.Next(200)];
            random.NextBytes(garbage);
            await bench.Stream.FeedAsync(garbage, Token);
            bench.Stream.End();
            var error = await bench.FailureAsync();
            Assert.True(error is ProtocolException or ConnectionException, $"seed {Seed} input {input}");
        }
    }

    private static BlockChange Literal(long block) =>
        new(block, default) { WrittenPages = PageBitmap.All(16), Stored = new byte[65536] };
}
