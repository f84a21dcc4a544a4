using RsyncFs.Blocks;
using RsyncFs.Protocol;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>The scenes in which a stranger may turn up: each kind of session that there is.</summary>
internal static class Scenes
{
    // The last block is short, and so is its last page.
    private const int LengthBytes = (5 * Scene.BlockSizeBytes) + 1000;

    /// <summary>All of them, in an order that does not change: an input names its scene by number.</summary>
    public static IReadOnlyList<Scene> All { get; } = Make();

    /// <summary>The scene that the first byte of an input names.</summary>
    public static Scene Of(byte number) => All[number % All.Count];

    private static List<Scene> Make()
    {
        var first = new Scene(1, Text(), new byte[LengthBytes], new MemoryDirectory(), new MemoryDirectory());
        var copied = first.Copy();
        copied.Play();
        var unchanged = copied with { Number = 2 };
        var changed = copied.Copy() with { Number = 3 };
        changed.Source[5]++;
        changed.Source.AsSpan(3 * Scene.BlockSizeBytes, Scene.BlockSizeBytes).Clear();
        // Content that moved becomes a copy.
        changed
            .Source.AsSpan(0, Scene.BlockSizeBytes)
            .CopyTo(changed.Source.AsSpan(4 * Scene.BlockSizeBytes));
        var marked = changed with { Number = 4, Options = changed.Options with { CheckpointBytes = 1 } };
        var lost = changed.Copy() with { Number = 5 };
        lost.ReceiverState.Delete("map");
        var verified = changed with
        {
            Number = 6,
            Options = changed.Options with { Purpose = Purpose.Verify },
        };
        var cut = marked.Copy() with { Number = 7 };
        cut.Play(MessageType.EndOfDelta);
        var half = first.Copy() with { Number = 8, Options = marked.Options };
        half.Play(MessageType.EndOfDelta);
        var sha = first with
        {
            Number = 9,
            Options = first.Options with
            {
                Hash = HashAlgorithmId.Sha256,
                Plan = Plan.Full,
                Compression = Compression.Zstd(3),
            },
        };
        return
        [
            first,
            unchanged,
            changed,
            marked,
            lost,
            verified,
            cut with
            {
                Number = 10,
            },
            half with
            {
                Number = 11,
            },
            sha,
        ];
    }

    // Compresses well: the scripts of sessions stay short.
    private static byte[] Text()
    {
        var text = new byte[LengthBytes];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = (byte)('a' + (i / 100 % 26));
        }

        return text;
    }
}
