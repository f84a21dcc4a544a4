using System.Text;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Targets;

namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// A small replication with everything in it: literal, compressed, zero, partial and moved blocks, a short tail.
/// Made anew for each fault, so that each run begins at the same state.
/// </summary>
public sealed class Scenario
{
    private const int BlockSize = 8192;
    private const int TailLength = 700;
    private const int UpdateBlockCount = 40;
    private const int LineLength = 72;

    private readonly int _length;

    private Scenario(Faults faults, bool isSourceFaulty, int blockCount)
    {
        Faults = faults;
        IsSourceFaulty = isSourceFaulty;
        _length = (blockCount * BlockSize) + TailLength;
        var none = new Faults();
        Source = new SimulatedBlockDevice(
            _length,
            isSourceFaulty ? faults : none,
            role: DeviceRole.Source,
            name: "source"
        );
        Target = new SimulatedBlockDevice(_length, isSourceFaulty ? none : faults, name: "target");
        SenderState = new SimulatedDurableDirectory(isSourceFaulty ? faults : none);
        ReceiverState = new SimulatedDurableDirectory(isSourceFaulty ? none : faults);
    }

    /// <summary>Decides which calls of the faulty end fail.</summary>
    public Faults Faults { get; }

    /// <summary>Whether it is the sender's end that fails.</summary>
    public bool IsSourceFaulty { get; }

    public SimulatedBlockDevice Source { get; }

    public SimulatedBlockDevice Target { get; }

    public SimulatedDurableDirectory SenderState { get; }

    public SimulatedDurableDirectory ReceiverState { get; }

    /// <summary>What the target held, whole, when the scenario began; empty for a first copy.</summary>
    public byte[] Before { get; private set; } = [];

    /// <summary>The generation that the target was at then; zero for a first copy.</summary>
    public Guid GenerationBefore { get; private set; }

    /// <summary>What it must hold in the end.</summary>
    public byte[] After => Source.Content;

    /// <summary>A target that holds whatever it holds, and no copy yet.</summary>
    public static Scenario FirstCopy(Faults faults, bool isSourceFaulty, int blockCount = 9)
    {
        var scenario = new Scenario(faults, isSourceFaulty, blockCount);
        var garbage = new byte[scenario._length];
        new Random(1).NextBytes(garbage);
        scenario.Target.Fill(garbage);
        scenario.Source.Fill(scenario.FirstContent());
        return scenario;
    }

    /// <summary>A target at one generation, and a source that changed since.</summary>
    public static async Task<Scenario> UpdateAsync(
        Faults faults,
        bool isSourceFaulty,
        CancellationToken cancellationToken
    )
    {
        var scenario = FirstCopy(faults, isSourceFaulty, UpdateBlockCount);
        await scenario.Pair().RunAsync(cancellationToken);
        scenario.Before = scenario.Target.Content;
        scenario.GenerationBefore = scenario.Record()!.Generation;
        scenario.Source.Fill(scenario.SecondContent());
        return scenario;
    }

    /// <summary>Goes on from a target that is the source: the source changes back, or forth again.</summary>
    public void ChangeAgain()
    {
        Before = Target.Content;
        Source.Fill(Before.AsSpan().SequenceEqual(SecondContent()) ? FirstContent() : SecondContent());
    }

    /// <summary>Both ends, as processes just started.</summary>
    public ReplicationPair Pair(Plan? plan = null) =>
        new(Source.Reopen(), Target.Reopen())
        {
            SenderState = SenderState,
            ReceiverState = ReceiverState,
            Options = new ReplicationOptions
            {
                TargetName = "t",
                BlockSizeBytes = BlockSize,
                Plan = plan,
                Match = MatchMode.Rolling,
            },
        };

    /// <summary>What the receiver durably says of the target; null if it was never initialised.</summary>
    public TargetRecord? Record() => TargetRecord.Load(ReceiverState);

    private byte[] FirstContent()
    {
        // Lines that are all different, so that a moved one is found, and that compress, so that few bytes travel.
        var content = new byte[_length];
        for (var at = 0; at < _length; at += LineLength)
        {
            var line = Encoding.ASCII.GetBytes(
                $"line {at:D10} of the first content, which is long enough to compress.\n"
            );
            line.AsSpan(0, Math.Min(line.Length, _length - at)).CopyTo(content.AsSpan(at));
        }

        content.AsSpan(5 * BlockSize, 3 * BlockSize).Clear();
        return content;
    }

    private byte[] SecondContent()
    {
        var content = FirstContent();
        // Moved by an odd number of bytes; a page of random bytes; text; zeros in a block and whole blocks; the tail.
        content
            .AsSpan(14 * BlockSize, 8 * BlockSize)
            .ToArray()
            .CopyTo(content.AsSpan((14 * BlockSize) + 333));
        new Random(3).NextBytes(content.AsSpan(1 * BlockSize, 1000));
        content.AsSpan(30 * BlockSize, BlockSize).Fill((byte)'b');
        content.AsSpan(32 * BlockSize, 4096).Clear();
        content.AsSpan(34 * BlockSize, 2 * BlockSize).Clear();
        content.AsSpan(UpdateBlockCount * BlockSize, TailLength).Fill((byte)'c');
        return content;
    }
}
