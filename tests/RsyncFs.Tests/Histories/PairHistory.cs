using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Histories;

/// <summary>
/// A sender and a receiver, each on a machine of its own whose disks forget and fail, and everything that happens to
/// them: the real <see cref="Replicator"/> and <see cref="Receiver"/> over a wire that may be cut. After each event the
/// receiver is started again, and what it says of its target is compared with what the target is.
/// </summary>
internal sealed class PairHistory : IDisposable
{
    private const int BlockSize = 8192;
    private const int Length = (24 * BlockSize) + 700;
    private const int SmallJournalBytes = 96 * 1024;
    private const int MaxFaultyCall = 220;
    private const int MaxBytesUntilCut = 120_000;
    private const int TriesWhereHindered = 4;

    private readonly Chance _chance;
    private readonly Faults _senderFaults = new();
    private readonly Faults _receiverFaults = new();
    private readonly SimulatedBlockDevice _source;
    private readonly SimulatedBlockDevice _target;
    private readonly SimulatedDurableDirectory _receiverState;
    private readonly TargetPolicy _policy;
    private readonly Dictionary<Guid, byte[]> _images = [];
    private readonly List<byte[]> _sent = [];
    private readonly List<Guid> _acknowledged = [];
    private readonly List<string> _story = [];
    private SimulatedDurableDirectory _senderState;
    private SimulatedDurableDirectory? _backup;
    private bool _isDisturbed;
    private bool _isGivenUp;

    /// <summary>Two machines, and a target that holds whatever it holds.</summary>
    public PairHistory(ulong seed)
    {
        _chance = new Chance(seed);
        var number = (int)(seed & int.MaxValue);
        _source = new SimulatedBlockDevice(Length, _senderFaults, number, DeviceRole.Source, "source");
        _target = new SimulatedBlockDevice(Length, _receiverFaults, number + 1, name: "target");
        _senderState = new SimulatedDurableDirectory(_senderFaults, number + 2, "sender");
        _receiverState = new SimulatedDurableDirectory(_receiverFaults, number + 3, "receiver");
        var garbage = new byte[Length];
        _chance.Fill(garbage);
        _target.Fill(garbage);
        Change();
        _policy = new TargetPolicy(InitPolicy.Allowed, () => null);
        if (_chance.OneIn(3))
        {
            _policy = _policy with
            {
                JournalLimitBytes = SmallJournalBytes,
                OversizedMode = ApplyMode.Direct,
            };
        }
    }

    /// <summary>What happened, an event a line.</summary>
    public IReadOnlyList<string> Story => _story;

    /// <summary>Cycles that succeeded, and that failed.</summary>
    public (int Succeeded, int Failed) Cycles { get; private set; }

    private bool IsInPlaceAllowed => _policy.OversizedMode == ApplyMode.Direct;

    /// <summary>Lets <paramref name="count"/> things happen, and then nothing any more but cycles: the target becomes the source.</summary>
    public async Task RunAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await HappenAsync();
            Look();
        }

        await ConvergeAsync();
        Look();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    private Task HappenAsync()
    {
        switch (_chance.Below(16))
        {
            case < 2:
                Change();
                return Task.CompletedTask;
            case < 4:
                return ConvergeAsync();
            case < 9:
                return FailAsync();
            case < 12:
                return CutAsync();
            case 12:
                Crash();
                return Task.CompletedTask;
            case 13:
                Disturb();
                return Task.CompletedTask;
            case 14:
                RestoreSender();
                return Task.CompletedTask;
            default:
                FailOver();
                return Task.CompletedTask;
        }
    }

    private void Change()
    {
        var blocks = _chance.OneIn(5) ? Length / BlockSize : 1 + _chance.Below(6);
        Say($"the source changes in {blocks} places");
        for (var i = 0; i < blocks; i++)
        {
            var length = 1 + _chance.Below(2 * BlockSize);
            var bytes = new byte[length];
            if (!_chance.OneIn(4))
            {
                _chance.Fill(bytes);
            }

            var at = _chance.Below(Length - length);
            if (_chance.OneIn(4))
            {
                // Moved, by any number of bytes.
                _source.Content.AsSpan(_chance.Below(Length - length), length).CopyTo(bytes);
            }

            _source.WriteByAnother(at, bytes);
        }
    }

    /// <summary>A run at which one call of one end fails, or its power goes there.</summary>
    private async Task FailAsync()
    {
        Change();
        var isSender = _chance.OneIn(3);
        var faults = isSender ? _senderFaults : _receiverFaults;
        var call = 1 + _chance.Below(MaxFaultyCall);
        var kind = new[]
        {
            FaultKind.Io,
            FaultKind.Power,
            FaultKind.Power,
            FaultKind.NoRoom,
            FaultKind.NoRoomFromHere,
        }[_chance.Below(5)];
        Say($"call {call} of the {(isSender ? "sender" : "receiver")} meets {kind}");
        faults.FailAt(call, kind);
        await TryAsync(Pair());
        faults.Restart();
        if (kind == FaultKind.Power)
        {
            Crash(isSender);
        }
    }

    private async Task CutAsync()
    {
        Change();
        var pair = Pair();
        var bytes = _chance.Below(MaxBytesUntilCut);
        var isSender = _chance.OneIn(2);
        Say($"the cable is pulled after {bytes} bytes from the {(isSender ? "sender" : "receiver")}");
        // Answers are few.
        var count = isSender ? bytes : bytes / 64;
        pair.Wire = wire => CuttingStream.Cut(wire, isSender, count);
        await TryAsync(pair);
        if (_chance.OneIn(3))
        {
            Crash(isSender);
        }
    }

    private void Crash() => Crash(_chance.OneIn(2));

    private void Crash(bool isSender)
    {
        Say($"the power of the {(isSender ? "sender" : "receiver")} goes");
        if (isSender)
        {
            _senderState.Crash(_chance);
            _source.Crash(_chance);
            return;
        }

        _receiverState.Crash(_chance);
        _target.Crash(_chance);
    }

    private void Disturb()
    {
        Say("somebody else writes the target");
        var bytes = new byte[1 + _chance.Below(4096)];
        _chance.Fill(bytes);
        _target.WriteByAnother(_chance.Below(Length - bytes.Length), bytes);
        _isDisturbed = true;
    }

    /// <summary>The sender's state is an old one, from a backup, or there is none any more.</summary>
    private void RestoreSender()
    {
        if (_backup is null || _chance.OneIn(2))
        {
            Say("the sender's state is saved");
            _backup = _senderState.CopyTo(_senderFaults);
            return;
        }

        var isLost = _chance.OneIn(4);
        Say(isLost ? "the sender's state is lost" : "an old state of the sender is restored");
        _senderState = isLost
            ? new SimulatedDurableDirectory(_senderFaults, _chance.Below(1000), "sender")
            : _backup.CopyTo(_senderFaults);
    }

    private void FailOver()
    {
        using var target = Pair().OpenTarget();
        if (target.Record is not { Status: TargetStatus.Consistent })
        {
            return;
        }

        Say("the target is promoted, written and demoted");
        target.Lease();
        target.Promote(force: false);
        Disturb();
        target.Demote();
        target.Release();
    }

    /// <summary>Runs until one succeeds. Where nothing stands in the way, that is the first.</summary>
    private async Task ConvergeAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            Say("a cycle that nothing hinders");
            if (await TryAsync(Pair()) is not { } failure)
            {
                return;
            }

            var isRefused =
                failure is RefusedException
                {
                    Id: ErrorId.SenderBehind
                        or ErrorId.SplitBrain
                        or ErrorId.StateDamaged
                        or ErrorId.VolumeUnrelated
                        or ErrorId.SenderUnknown
                };
            if (isRefused)
            {
                Adopt();
            }

            Require(
                attempt < TriesWhereHindered
                    && (_isDisturbed || isRefused || failure.Id == ErrorId.JournalFull),
                $"a cycle that nothing hinders fails: {failure}"
            );
        }
    }

    private void Adopt()
    {
        Say("a person adopts the target for whoever comes");
        using var target = Pair().OpenTarget();
        target.Lease();
        target.Adopt(newSender: true, overwrite: true, copy: null);
        target.Release();
        // What was acknowledged is given up by that.
        _acknowledged.Clear();
        _isGivenUp = true;
    }

    private async Task<RsyncFsException?> TryAsync(ReplicationPair pair)
    {
        var source = _source.Content;
        _sent.Add(source);
        try
        {
            var report = await pair.RunAsync(TestContext.Current.CancellationToken);
            Require(
                _target.DurableContent.AsSpan().SequenceEqual(source),
                "a run says success, and the target is not the source"
            );
            Acknowledge(report.Generation, source);
            Say($"  success, {report.Plan}{(report.IsResumed ? ", resumed" : "")}, {report.ApplyMode}");
            Cycles = (Cycles.Succeeded + 1, Cycles.Failed);
            return null;
        }
        catch (RsyncFsException failure)
        {
            Require(failure.Id != ErrorId.Bug, failure.ToString());
            Say($"  {failure.Id}: {failure.Message}: {failure.Cause}");
            Cycles = (Cycles.Succeeded, Cycles.Failed + 1);
            return failure;
        }
    }

    private void Acknowledge(Guid generation, byte[] source)
    {
        _images[generation] = source;
        if (_acknowledged is not [.., var last] || last != generation)
        {
            _acknowledged.Add(generation);
        }

        _sent.Clear();
        _isDisturbed = false;
        _isGivenUp = false;
    }

    /// <summary>The receiver starts, settles what there is, and says what it has.</summary>
    private void Look()
    {
        using var target = Pair().OpenTarget();
        var record = target.Record;
        switch (record?.Status)
        {
            case null:
                Require(_acknowledged.Count == 0, "an acknowledged target is not known any more");
                return;
            case TargetStatus.Consistent:
                LookAtWhole(record);
                return;
            case TargetStatus.Initializing:
            case TargetStatus.Direct:
                var mayBeMixed = _acknowledged.Count == 0 || IsInPlaceAllowed || _isGivenUp || _isDisturbed;
                Require(mayBeMixed, $"an acknowledged target is {record.Status}");
                return;
            case TargetStatus.Diverged:
            case TargetStatus.Adopted:
                Require(_isDisturbed || _isGivenUp, $"the target is {record.Status}, and nobody wrote it");
                return;
            default:
                Require(false, $"a receiver that has just started leaves its target {record.Status}");
                return;
        }
    }

    private void LookAtWhole(TargetRecord record)
    {
        var at = _acknowledged.LastIndexOf(record.Generation);
        Require(
            at < 0 || at == _acknowledged.Count - 1,
            "the target is at an older generation than one that was acknowledged"
        );
        if (_isDisturbed)
        {
            return;
        }

        var content = _target.DurableContent;
        if (_images.TryGetValue(record.Generation, out var image))
        {
            Require(content.AsSpan().SequenceEqual(image), "the target is not the generation that it says");
            return;
        }

        var sent = _sent.Find(sent => content.AsSpan().SequenceEqual(sent));
        Require(sent is not null, "the target says that it is whole, and nobody ever sent what it is");
        _images[record.Generation] = sent!;
    }

    private ReplicationPair Pair() =>
        new(_source.Reopen(), _target.Reopen())
        {
            SenderState = _senderState,
            ReceiverState = _receiverState,
            Policy = _policy,
            Options = new ReplicationOptions
            {
                TargetName = "t",
                BlockSizeBytes = BlockSize,
                CheckpointBytes = 2 * BlockSize,
                Match = _chance.OneIn(2) ? MatchMode.Rolling : MatchMode.Auto,
                Plan = _chance.OneIn(4) ? Plan.Compare : null,
            },
        };

    private void Say(string what) => _story.Add(what);

    private static void Require(bool holds, string broken) => Assert.True(holds, broken);
}
