using System.Security.Cryptography;
using System.Text;
using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Targets;

/// <summary>Where a target's device was found last: for verbs that are called while nobody serves it, and for people.</summary>
/// <param name="Path">The path that the receiver was given.</param>
/// <param name="StableId">What named the device itself; empty where nothing did.</param>
public sealed record KnownDevice(string Path, string StableId)
{
    /// <summary>Who notes the device of a target that is served, for the hint of an error.</summary>
    public const string NotedByServe = "'rsyncfs serve'";

    /// <summary>Who notes the device of a source, or of a local destination.</summary>
    public const string NotedBySync = "the next 'rsyncfs sync'";

    private const string FileName = "device";

    // As long as Linux takes an argument of a program (MAX_ARG_STRLEN): the paths of a group are one.
    private const int MaxTextBytes = 128 * 1024;
    private const int KeyBytes = 16;

    private static ReadOnlySpan<byte> Magic => "RSFSDEV1"u8;

    /// <summary>A number that stands for a device's stable id; zero for an empty one.</summary>
    public static Guid KeyOf(string stableId) =>
        stableId.Length == 0
            ? Guid.Empty
            : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(stableId)).AsSpan(0, KeyBytes));

    /// <summary>What <paramref name="directory"/> says, or null if it says nothing.</summary>
    /// <param name="directory">The directory of state files.</param>
    /// <param name="notedBy">What writes the record there: <see cref="NotedByServe"/> or <see cref="NotedBySync"/>.</param>
    /// <exception cref="StateException">It can not be read.</exception>
    public static KnownDevice? Load(IDurableDirectory directory, string notedBy) =>
        DurableRecord.Load(
            directory,
            FileName,
            Magic,
            body =>
            {
                var reader = new ByteReader(body);
                var known = new KnownDevice(reader.ReadString(MaxTextBytes), reader.ReadString(MaxTextBytes));
                reader.EnsureEnd();
                return known;
            },
            $"remove it: {notedBy} writes it anew"
        );

    /// <summary>Makes it durable, if it is not what is known already.</summary>
    /// <param name="directory">The directory of state files.</param>
    /// <param name="notedBy">As for <see cref="Load"/>.</param>
    /// <exception cref="StateException">The old or this one is durable; or there is one that can not be read, and it stays.</exception>
    public void Save(IDurableDirectory directory, string notedBy)
    {
        if (Load(directory, notedBy) == this)
        {
            return;
        }

        var body = new ByteWriter();
        body.WriteString(Path, MaxTextBytes);
        body.WriteString(StableId, MaxTextBytes);
        DurableRecord.Save(directory, FileName, Magic, body);
    }
}
