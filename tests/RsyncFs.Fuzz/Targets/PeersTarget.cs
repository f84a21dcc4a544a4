using System.Text;
using RsyncFs.Access;

namespace RsyncFs.Fuzz.Targets;

/// <summary>The list of peers: who gives somebody a right must be read as who that is, and as no more.</summary>
internal sealed class PeersTarget : FuzzTarget
{
    private const string Key = "rfk1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    /// <inheritdoc/>
    public override string Name => "peers";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers =>
        ["RsyncFs.Access.PeerList", "RsyncFs.Access.KeyFingerprint", "RsyncFs.Access.RightsText"];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words =>
        [
            "write"u8.ToArray(),
            "verify,init"u8.ToArray(),
            " t="u8.ToArray(),
            "rfk1:"u8.ToArray(),
            "\n"u8.ToArray(),
        ];

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is FormatException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds() =>
        [
            Encoding.UTF8.GetBytes($"# who\n\nweb1 {Key} db01=write,verify db02=init\n"),
            Encoding.UTF8.GetBytes($"2001:db8::7\t{Key}\r\n"),
        ];

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        var list = PeerList.Parse(Encoding.UTF8.GetString(input));
        var again = PeerList.Parse(list.Print());
        Require(
            string.Equals(again.Print(), list.Print(), StringComparison.Ordinal),
            "another list when it is written again"
        );
        foreach (var (peer, same) in list.Peers.Zip(again.Peers))
        {
            Require(
                peer.Key == same.Key && (peer.Key is not { } key || list.Find(key) == peer),
                "a key is somebody else's"
            );
            Require(
                peer.Rights.All(grant => same.RightsOn(grant.Key) == grant.Value),
                "a right is another when it is written again"
            );
        }
    }
}
