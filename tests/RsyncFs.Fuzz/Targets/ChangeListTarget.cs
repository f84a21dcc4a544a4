using System.Text;
using RsyncFs.Errors;
using RsyncFs.Snapshots;

namespace RsyncFs.Fuzz.Targets;

/// <summary>The text of a change list.</summary>
internal sealed class ChangeListTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "change-list";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers => ["RsyncFs.Snapshots.ChangeList"];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words =>
        ["generation "u8.ToArray(), "9223372036854775807 1"u8.ToArray(), "\n"u8.ToArray(), "#"u8.ToArray()];

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is RefusedException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds() =>
        [
            "generation 101112131415161718191a1b1c1d1e1f\n0 4096\n\n# a comment\n8192 1 # one\n"u8.ToArray(),
            "generation 10111213-1415-1617-1819-1a1b1c1d1e1f\r\n9223372036854775806 1\r\n"u8.ToArray(),
            "4096 4096\n"u8.ToArray(),
        ];

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        var list = ChangeList.Read("list", new StringReader(Encoding.UTF8.GetString(input)));
        var text = new StringBuilder($"generation {list.Generation:N}\n");
        foreach (var extent in list.Extents)
        {
            text.Append(extent.OffsetBytes).Append(' ').Append(extent.LengthBytes).Append('\n');
        }

        var again = ChangeList.Read("list", new StringReader(text.ToString()));
        Require(
            again.Generation == list.Generation && again.Extents.SequenceEqual(list.Extents),
            "another list when it is written again"
        );
        var changes = list.Since(list.Generation, 1_000_000, out _);
        Require(
            changes is null || list.Extents.All(extent => extent.EndBytes <= 1_000_000),
            "a change behind the end of the source"
        );
    }
}
