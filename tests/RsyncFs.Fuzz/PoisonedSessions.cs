using System.IO.Hashing;
using RsyncFs.Blocks;
using RsyncFs.Fuzz.Sessions;

namespace RsyncFs.Fuzz;

/// <summary>Runs a session of each kind, and tells all that left the memory of either end. For <see cref="WovenContext"/>.</summary>
public static class PoisonedSessions
{
    /// <summary>A line for each frame, state file and device, with a hash of its bytes. Frames in no order: threads have a say in that.</summary>
    /// <param name="poison">What stands in memory that nobody has written.</param>
    public static string[] Run(byte poison)
    {
        Poison.Value = poison;
        var lines = new List<string>();
        foreach (var scene in Scenes.All)
        {
            var copy = scene.Copy();
            var (sender, receiver) = copy.Play();
            lines.AddRange(LinesOf(scene.Number, "sender", sender));
            lines.AddRange(LinesOf(scene.Number, "receiver", receiver));
            lines.AddRange(LinesOf(scene.Number, "sender", copy.SenderState));
            lines.AddRange(LinesOf(scene.Number, "receiver", copy.ReceiverState));
            lines.Add($"{scene.Number} target {HashOf(copy.Target)}");
        }

        return [.. lines];
    }

    /// <summary>What a writer that fills nothing of what it reserved would send.</summary>
    /// <param name="poison">What stands in memory that nobody has written.</param>
    public static byte[] Leak(byte poison)
    {
        Poison.Value = poison;
        var writer = new ByteWriter();
        writer.Reserve(4);
        return writer.ToArray();
    }

    private static IEnumerable<string> LinesOf(int scene, string end, Tape tape) =>
        tape
            .Frames.Select(frame => $"{scene} {end} sends {frame.Type} {HashOf(frame.Bytes)}")
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> LinesOf(int scene, string end, MemoryDirectory directory) =>
        directory
            .List()
            .Select(name => $"{scene} {end} keeps {name} {HashOf(directory.ContentOf(name))}")
            .Concat(
                directory.Deleted.Select(file => $"{scene} {end} kept {file.Name} {HashOf(file.ReadAll())}")
            );

    private static string HashOf(byte[] bytes) => XxHash64.HashToUInt64(bytes).ToString("x16");
}
