using System.Security.Cryptography;
using System.Text;

namespace RsyncFs.Devices;

/// <summary>
/// What the system can say about writes to a device. Equal evidence taken twice means that nothing was written in
/// between by any way the system counts; it can not see writes to the storage below.
/// </summary>
/// <param name="Identity">Which device, in which boot and which attachment: boot id and diskseq of a device, file system and inode of an image.</param>
/// <param name="SectorsWritten">512-byte sectors written to it, or discarded, since then (fields 7 and 14 of the device's <c>stat</c>), or -1 where nothing counts them.</param>
/// <param name="Stamp">Size, mtime and ctime of an image; empty for a device.</param>
public sealed record ChangeEvidence(string Identity, long SectorsWritten, string Stamp)
{
    /// <summary>
    /// True if the device was written by exactly <paramref name="sectors"/> sectors since <paramref name="earlier"/>,
    /// and by nobody else. Where nothing counts sectors, only an unchanged identity can be told.
    /// </summary>
    public bool Follows(ChangeEvidence earlier, long sectors) =>
        string.Equals(Identity, earlier.Identity, StringComparison.Ordinal)
        && (SectorsWritten < 0 || SectorsWritten == earlier.SectorsWritten + sectors);

    /// <summary>How the identity of a set begins.</summary>
    public const string SetMark = "set ";

    /// <summary>
    /// The evidence of a set of devices of one kind: equal if that of each is. Sectors are added up, which hides
    /// nothing, because no counter ever goes back.
    /// </summary>
    public static ChangeEvidence OfSet(IReadOnlyList<ChangeEvidence> members) =>
        new(
            $"{SetMark}{HashOf(members.Select(member => member.Identity))}",
            members.Any(member => member.SectorsWritten < 0)
                ? -1
                : members.Sum(member => member.SectorsWritten),
            members.All(member => member.Stamp.Length == 0)
                ? ""
                : HashOf(members.Select(member => member.Stamp))
        );

    private static string HashOf(IEnumerable<string> texts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts))));
}
