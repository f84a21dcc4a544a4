using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Tests.Contracts;
using Xunit;

namespace RsyncFs.Tests.Devices;

/// <summary>Two devices keep the contract of one; the first of them fills its place, so that there is nothing between.</summary>
public sealed class DeviceSetTests : BlockDeviceContract
{
    private const int Place = BlockLayout.MaxBlockSizeBytes;

    private readonly Dictionary<IBlockDevice, MemoryBlockDevice[]> _members = [];

    protected override IReadOnlyList<int> Lengths => [Place + 513, Place + 70_000];

    protected override IBlockDevice Open(int lengthBytes) =>
        Open(new MemoryBlockDevice(Place, "one"), new MemoryBlockDevice(lengthBytes - Place, "two"));

    protected override IBlockDevice Reopen(IBlockDevice device) =>
        Open([.. _members[device].Select(member => member.Reopen())]);

    private DeviceSet Open(params MemoryBlockDevice[] members)
    {
        var set = new DeviceSet(members);
        _members[set] = members;
        return set;
    }

    [Fact]
    public void ReadsWhatLiesBetweenAsZerosAndWritesItNowhere()
    {
        var (one, two) = (new MemoryBlockDevice(5000), new MemoryBlockDevice(3000));
        using var set = Open(one, two);
        Assert.Equal(Place + 3000, set.LengthBytes);
        var data = new byte[set.LengthBytes];
        Array.Fill(data, (byte)7);
        set.Write(0, data);
        Assert.False(one.Content.ContainsAnyExcept((byte)7));
        Assert.False(two.Content.ContainsAnyExcept((byte)7));
        set.Read(0, data);
        Assert.False(data.AsSpan(5000..Place).ContainsAnyExcept((byte)0));
        Assert.False(data.AsSpan(..5000).ContainsAnyExcept((byte)7));
        Assert.False(data.AsSpan(Place..).ContainsAnyExcept((byte)7));
        Assert.Equal(one.SectorsWritten + two.SectorsWritten, set.SectorsWritten);

        set.Zero(new Extent(4000, Place - 3000));
        Assert.False(one.Content[4000..].ContainsAnyExcept((byte)0));
        Assert.False(two.Content[..1000].ContainsAnyExcept((byte)0));
        Assert.Equal(7, two.Content[1000]);
    }

    [Fact]
    public void NamesRunsOfDataWithoutWhatLiesBetween()
    {
        var (one, two) = (new MemoryBlockDevice(5000), new MemoryBlockDevice(3000));
        one.Content.Fill(1);
        two.Content.Fill(1);
        using var set = Open(one, two);
        Assert.Equal(new Extent(0, 5000), set.NextData(0));
        Assert.Equal(new Extent(Place, 3000), set.NextData(5000));
        Assert.Equal(new Extent(set.LengthBytes, 0), set.NextData(set.LengthBytes));
    }

    [Fact]
    public void ShowsAForeignWriteToAnyMemberInTheEvidence()
    {
        var (one, two) = (new MemoryBlockDevice(5000), new MemoryBlockDevice(3000));
        using var set = Open(one, two);
        var before = set.ReadEvidence();
        set.Write(Place, new byte[512]);
        Assert.True(set.ReadEvidence().Follows(before, set.SectorsWritten));
        two.CountForeignWrite(1);
        Assert.False(set.ReadEvidence().Follows(before, set.SectorsWritten));
        two.Identity = "another boot";
        Assert.NotEqual(before.Identity, set.ReadEvidence().Identity);
    }

    [Theory]
    [InlineData("a", "b", "a,b")]
    [InlineData("a", "", "")]
    public void IsNamedByAllItsMembersOrNotAtAll(string one, string two, string set) =>
        Assert.Equal(set, DeviceSet.StableIdOf([one, two]));

    [Fact]
    public void HasAShapeThatTellsHowItIsCut()
    {
        Assert.Equal(new SetShape(5, 6), new SetShape(5, 6));
        Assert.NotEqual(new SetShape(5, 6), new SetShape(6, 5));
        Assert.NotEqual(new SetShape(Place, 1), new SetShape(Place + 1));
        Assert.Equal(Place + 1, new SetShape(Place, 1).LengthBytes);
        Assert.Throws<ArgumentException>(() => new SetShape());
        Assert.Throws<ArgumentException>(() => new SetShape(1, 0));
        Assert.Throws<ArgumentException>(() => new SetShape(long.MaxValue - 5000, 1));
        Assert.Throws<ArgumentException>(() => new SetShape([.. Enumerable.Repeat(1L, 65)]));
    }
}
