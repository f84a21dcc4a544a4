using RsyncFs.Blocks;
using RsyncFs.Devices;
using Xunit;

namespace RsyncFs.Tests.Contracts;

/// <summary>
/// What every <see cref="IBlockDevice"/> promises, whatever is below it. A derived class opens devices of the lengths
/// it names; each test runs over all of them.
/// </summary>
public abstract class BlockDeviceContract
{
    private const int Sector = DeviceRange.SectorSizeBytes;

    // Around the edges of sectors, of pages, and of what implementations may take for a buffer.
    private static readonly int[] Edges = [0, 1, 511, 512, 513, 4095, 4096, 4097, 8192, 12345];

    /// <summary>Lengths in bytes, each at least 64 KiB, that devices of this kind can have.</summary>
    protected abstract IReadOnlyList<int> Lengths { get; }

    /// <summary>Opens a device of that length for reading and writing. Its content is what it is.</summary>
    protected abstract IBlockDevice Open(int lengthBytes);

    /// <summary>Disposes of the device and opens the same one again.</summary>
    protected abstract IBlockDevice Reopen(IBlockDevice device);

    [Fact]
    public void HasTheLengthItWasMadeWith() =>
        ForEachDevice(device => Assert.Contains((int)device.LengthBytes, Lengths));

    [Fact]
    public void ReadsBackWhatWasWritten() =>
        ForEachDevice(device =>
        {
            var content = Fill(device, seed: 1);
            Assert.Equal(content, ReadAll(device));
        });

    [Fact]
    public void KeepsWhatWasFlushedWhenOpenedAgain() =>
        ForEachLength(length =>
        {
            var device = Open(length);
            var content = Fill(device, seed: 2);
            device.Zero(new Extent(5000, 20000));
            content.AsSpan(5000, 20000).Clear();
            device.Flush();
            using var again = Reopen(device);
            Assert.Equal(length, again.LengthBytes);
            Assert.Equal(0, again.SectorsWritten);
            Assert.Equal(content, ReadAll(again));
        });

    [Fact]
    public void MovesBytesOfAnyAlignment() =>
        ForEachDevice(device =>
        {
            var content = Fill(device, seed: 3);
            var memory = new byte[20000];
            foreach (var offset in Edges)
            {
                foreach (var length in Edges)
                {
                    var skew = offset % 7;
                    var data = memory.AsSpan(skew, length);
                    new Random(offset + length).NextBytes(data);
                    device.Write(offset, data);
                    data.CopyTo(content.AsSpan(offset));

                    var back = new byte[length + 3];
                    device.Read(offset, back.AsSpan(3));
                    Assert.True(back.AsSpan(3).SequenceEqual(data), $"{length} bytes at {offset}");
                }
            }

            Assert.Equal(content, ReadAll(device));
        });

    [Fact]
    public void ZeroesRangesOfEveryAlignmentAndNothingElse() =>
        ForEachDevice(device =>
        {
            foreach (var offset in Edges)
            {
                var content = Fill(device, seed: 4);
                foreach (var length in Edges)
                {
                    device.Zero(new Extent(offset, length));
                    content.AsSpan(offset, length).Clear();
                    Assert.Equal(content, ReadAll(device));
                }
            }
        });

    [Fact]
    public void ReachesItsLastBytes() =>
        ForEachDevice(device =>
        {
            var content = Fill(device, seed: 5);
            foreach (var edge in Edges)
            {
                var offset = (int)device.LengthBytes - edge;
                var tail = content.AsSpan(offset);
                new Random(edge).NextBytes(tail);
                device.Write(offset, tail);
                var back = new byte[edge];
                device.Read(offset, back);
                Assert.Equal(tail.ToArray(), back);
            }

            device.Zero(new Extent(device.LengthBytes - 4097, 4097));
            content.AsSpan(content.Length - 4097).Clear();
            Assert.Equal(content, ReadAll(device));
        });

    [Fact]
    public void DoesWhatAnArrayDoes() =>
        ForEachDevice(device =>
        {
            var seed = Random.Shared.Next();
            TestContext.Current.SendDiagnosticMessage($"seed {seed}, length {device.LengthBytes}");
            var chance = new Random(seed);
            var content = Fill(device, seed);
            for (var step = 0; step < 300; step++)
            {
                var offset = chance.Next(content.Length);
                var length = chance.Next(Math.Min(content.Length - offset, 3 << chance.Next(18)) + 1);
                var range = content.AsSpan(offset, length);
                var skewed = new byte[length + 5].AsSpan(chance.Next(6), length);
                switch (chance.Next(3))
                {
                    case 0:
                        chance.NextBytes(skewed);
                        device.Write(offset, skewed);
                        skewed.CopyTo(range);
                        break;
                    case 1:
                        device.Zero(new Extent(offset, length));
                        range.Clear();
                        break;
                    default:
                        device.Read(offset, skewed);
                        Assert.True(skewed.SequenceEqual(range), $"seed {seed}, step {step}");
                        break;
                }
            }

            Assert.True(ReadAll(device).AsSpan().SequenceEqual(content), $"seed {seed}");
        });

    [Fact]
    public void RefusesRangesThatLeaveTheDevice() =>
        ForEachDevice(device =>
        {
            var content = Fill(device, seed: 6);
            var length = device.LengthBytes;
            (long Offset, int Length)[] outside =
            [
                (-1, 1),
                (-4096, 8192),
                (length, 1),
                (length - 1, 2),
                (length - 4096, 8192),
                (length + 4096, 0),
                (long.MaxValue, 4096),
                (long.MaxValue - 4095, 4096),
                (long.MinValue, 0),
            ];
            foreach (var (offset, count) in outside)
            {
                var buffer = new byte[count];
                Assert.Throws<ArgumentOutOfRangeException>(() => device.Read(offset, buffer));
                Assert.Throws<ArgumentOutOfRangeException>(() => device.Write(offset, buffer));
                Assert.Throws<ArgumentOutOfRangeException>(() => device.Zero(new Extent(offset, count)));
            }

            Assert.Throws<ArgumentOutOfRangeException>(() => device.Zero(new Extent(8192, -4096)));
            Assert.Throws<ArgumentOutOfRangeException>(() => device.NextData(-1));
            Assert.Throws<ArgumentOutOfRangeException>(() => device.NextData(length + 1));
            Assert.Equal(content, ReadAll(device));
        });

    [Fact]
    public void AllowsEmptyRangesUpToItsEnd() =>
        ForEachDevice(device =>
        {
            var content = Fill(device, seed: 7);
            var sectors = device.SectorsWritten;
            foreach (var offset in (long[])[0, 1, 4096, device.LengthBytes])
            {
                device.Read(offset, []);
                device.Write(offset, []);
                device.Zero(new Extent(offset, 0));
            }

            Assert.Equal(sectors, device.SectorsWritten);
            Assert.Equal(content, ReadAll(device));
        });

    [Fact]
    public void KeepsConcurrentWritesOfNeighboursApart() =>
        ForEachDevice(device =>
        {
            // 1000 bytes: neighbours share sectors and pages, and none may undo the other's part.
            const int PieceBytes = 1000;
            var content = Fill(device, seed: 8);
            var wanted = (byte[])content.Clone();
            new Random(9).NextBytes(wanted);
            Parallel.For(
                0,
                wanted.Length / PieceBytes,
                new ParallelOptions { MaxDegreeOfParallelism = 8 },
                piece =>
                {
                    var offset = piece * PieceBytes;
                    device.Write(offset, wanted.AsSpan(offset, PieceBytes));
                    var back = new byte[PieceBytes];
                    device.Read(offset, back);
                    Assert.True(back.AsSpan().SequenceEqual(wanted.AsSpan(offset, PieceBytes)));
                }
            );
            var rest = wanted.Length / PieceBytes * PieceBytes;
            content.AsSpan(rest).CopyTo(wanted.AsSpan(rest));
            Assert.Equal(wanted, ReadAll(device));
        });

    [Fact]
    public void ShowsEveryByteThatIsNotZeroAsData() =>
        ForEachDevice(device =>
        {
            device.Zero(new Extent(0, device.LengthBytes));
            device.Write(20000, new byte[] { 1 });
            device.Write(device.LengthBytes - 1, new byte[] { 2 });
            device.Write(40000, Enumerable.Repeat((byte)3, 9000).ToArray());
            var content = ReadAll(device);
            var covered = new byte[content.Length];
            long offset = 0;
            while (true)
            {
                var data = device.NextData(offset);
                Assert.True(data.OffsetBytes >= offset && data.EndBytes <= device.LengthBytes);
                if (data.IsEmpty)
                {
                    Assert.Equal(device.LengthBytes, data.OffsetBytes);
                    break;
                }

                var range = new Range((int)data.OffsetBytes, (int)data.EndBytes);
                content.AsSpan(range).CopyTo(covered.AsSpan(range));
                offset = data.EndBytes;
            }

            Assert.Equal(content, covered);
        });

    [Fact]
    public void HasNoDataBehindItsEnd() =>
        ForEachDevice(device =>
            Assert.Equal(new Extent(device.LengthBytes, 0), device.NextData(device.LengthBytes))
        );

    [Fact]
    public void CountsTheSectorsItWroteAndZeroed() =>
        ForEachDevice(device =>
        {
            var before = device.SectorsWritten;
            device.Write(4096, new byte[8192]);
            Assert.Equal(before + 16, device.SectorsWritten);
            device.Zero(new Extent(0, 65536));
            Assert.Equal(before + 16 + 128, device.SectorsWritten);
            device.Read(0, new byte[4096]);
            device.Flush();
            Assert.Equal(before + 16 + 128, device.SectorsWritten);
        });

    [Fact]
    public void GivesEvidenceThatFollowsItsOwnWritesExactly() =>
        ForEachDevice(device =>
        {
            var before = device.ReadEvidence();
            Assert.Equal(before, device.ReadEvidence());
            var sectors = device.SectorsWritten;
            device.Write(0, new byte[4096]);
            device.Write(1000, new byte[5000]);
            device.Zero(new Extent(10001, 30001));
            device.Read(0, new byte[100]);
            device.Flush();
            var after = device.ReadEvidence();
            var moved = device.SectorsWritten - sectors;
            Assert.True(moved >= (4096 + 5000 + 30001) / Sector);
            Assert.NotEqual(before, after);
            Assert.True(after.Follows(before, moved), $"{before} -> {after}, {moved} sectors");
            if (after.SectorsWritten >= 0)
            {
                Assert.False(after.Follows(before, moved - 1));
                Assert.False(after.Follows(before, moved + 1));
            }
        });

    /// <summary>Fills the device with random bytes and gives them.</summary>
    protected static byte[] Fill(IBlockDevice device, int seed)
    {
        var content = new byte[device.LengthBytes];
        new Random(seed).NextBytes(content);
        device.Write(0, content);
        return content;
    }

    /// <summary>The whole device.</summary>
    protected static byte[] ReadAll(IBlockDevice device)
    {
        var content = new byte[device.LengthBytes];
        device.Read(0, content);
        return content;
    }

    private void ForEachDevice(Action<IBlockDevice> test) =>
        ForEachLength(length =>
        {
            using var device = Open(length);
            test(device);
        });

    private void ForEachLength(Action<int> test)
    {
        foreach (var length in Lengths)
        {
            test(length);
        }
    }
}
