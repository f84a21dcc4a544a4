using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.State;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>One source and one target in memory, what can happen to them, and who may go on.</summary>
public abstract class FailoverScene
{
    private protected const int Length = 1_000_000;

    private protected byte[] SourceBytes { get; } = RandomBytes(1);
    private protected byte[] TargetBytes { get; } = RandomBytes(2);
    private protected ReplicationPair Pair { get; }

    private protected FailoverScene()
    {
        Pair = new ReplicationPair(
            new MemoryBlockDevice(SourceBytes, "source"),
            new MemoryBlockDevice(TargetBytes, "target")
        );
    }

    private int _senders = 100;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected TargetRecord Record => TargetRecord.Load(Pair.ReceiverState)!;

    /// <inheritdoc cref="LastWord.LoseAsync"/>
    private protected async Task<Guid> LoseTheLastWordAsync()
    {
        var before = await LastWord.LoseAsync(
            wire =>
            {
                Pair.Wire = wire;
                return Pair.RunAsync(Token);
            },
            () => Record.Generation,
            Change
        );
        Pair.Wire = wire => wire;
        return before;
    }

    private protected ReplicationPair Reverse()
    {
        var back = new ReplicationPair(
            ((MemoryBlockDevice)Pair.Target).Reopen(),
            ((MemoryBlockDevice)Pair.Source).Reopen()
        )
        {
            Options = Pair.Options,
        };
        SourceState.Load(back.SenderState).Become(Record.Volume!, Record.Epoch, Record.Ancestors);
        var was = SourceState.Load(Pair.SenderState);
        using var adopted = back.OpenTarget();
        adopted.Adopt(newSender: false, overwrite: true, new KnownCopy(was.Volume!, was.Epoch));
        return back;
    }

    private protected ReplicationPair With(
        IDurableDirectory senderState,
        IDurableDirectory? receiverState = null
    ) =>
        new(Pair.Source, Pair.Target, ++_senders)
        {
            SenderState = senderState,
            ReceiverState = receiverState ?? Pair.ReceiverState,
            Options = Pair.Options,
            Policy = Pair.Policy,
        };

    private protected void Act(Action<Target> act)
    {
        using var target = Pair.OpenTarget();
        target.Lease();
        act(target);
        target.Release();
    }

    private protected async Task AssertRefusedAsync(ErrorId id, string remedy, ReplicationPair? sender = null)
    {
        var (before, record) = (TargetBytes.ToArray(), Record);
        var failure = await Assert.ThrowsAsync<RefusedException>(() => (sender ?? Pair).RunAsync(Token));
        Assert.Equal(id, failure.Id);
        Assert.Contains(remedy, failure.Hint, StringComparison.Ordinal);
        Assert.Equal(before, TargetBytes);
        Assert.Equal(record, Record);
    }

    private protected void Change() => new Random(SourceBytes[5]).NextBytes(SourceBytes.AsSpan(0, 50_000));

    private protected void AssertEqual() =>
        Assert.True(SourceBytes.AsSpan().SequenceEqual(TargetBytes), "source and target differ");

    private protected static SimulatedDurableDirectory Copy(IDurableDirectory directory)
    {
        var copy = new SimulatedDurableDirectory();
        foreach (var name in directory.List())
        {
            using var from = directory.Open(name);
            var bytes = new byte[from.LengthBytes];
            from.Read(0, bytes);
            using var to = copy.Create(name);
            to.Write(0, bytes);
            to.Flush();
        }

        copy.Flush();
        return copy;
    }

    private protected static byte[] RandomBytes(int seed)
    {
        var bytes = new byte[Length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
