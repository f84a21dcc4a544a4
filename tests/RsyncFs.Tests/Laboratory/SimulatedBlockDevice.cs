using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// A block device as bad as the standards allow: its cache forgets, tears and reorders what was not flushed, a
/// write that fails has written something, and a flush that fails has lost something that the next one does not
/// report.
/// </summary>
public sealed class SimulatedBlockDevice : IBlockDevice
{
    private readonly DeviceRole _role;
    private readonly Platter _platter;
    private long _sectorsWritten;

    /// <summary>A device of zeros. <paramref name="seed"/> decides what a call that fails leaves behind.</summary>
    public SimulatedBlockDevice(
        int lengthBytes,
        Faults? faults = null,
        int seed = 1,
        DeviceRole role = DeviceRole.Target,
        string name = "simulated"
    )
        : this(new Platter(lengthBytes, faults ?? new Faults(), seed), role, name) { }

    private SimulatedBlockDevice(Platter platter, DeviceRole role, string name)
    {
        _platter = platter;
        _role = role;
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long LengthBytes => _platter.Bytes.Length;

    /// <inheritdoc/>
    public long SectorsWritten => Interlocked.Read(ref _sectorsWritten);

    /// <summary>What decides which calls fail.</summary>
    public Faults Faults => _platter.Faults;

    /// <summary>The bytes as a read would give them, without a call that could fail.</summary>
    public byte[] Content
    {
        get
        {
            lock (_platter)
            {
                return _platter.Bytes.Live.ToArray();
            }
        }
    }

    /// <summary>The bytes of the last flush.</summary>
    public byte[] DurableContent
    {
        get
        {
            lock (_platter)
            {
                return _platter.Bytes.Durable.ToArray();
            }
        }
    }

    /// <summary>Gives the device its first content, durably and uncounted.</summary>
    public void Fill(ReadOnlySpan<byte> content)
    {
        lock (_platter)
        {
            _platter.Bytes.Write(0, content);
            _platter.Bytes.Flush();
        }
    }

    /// <summary>Somebody else writes, durably: the counter in the evidence moves, <see cref="SectorsWritten"/> does not.</summary>
    public void WriteByAnother(long offsetBytes, ReadOnlySpan<byte> data)
    {
        lock (_platter)
        {
            _platter.Bytes.Write(offsetBytes, data);
            _platter.Bytes.Flush();
            _platter.SectorsWritten += DeviceRange.SectorsTouched(offsetBytes, data.Length);
        }
    }

    /// <summary>
    /// The power goes and comes back: of what was not flushed, <paramref name="seed"/> decides what survives. The
    /// evidence is another boot's. The faults stay as they are armed.
    /// </summary>
    public void Crash(int seed)
    {
        lock (_platter)
        {
            _platter.Bytes.Crash(new Random(seed));
            _platter.BootCount++;
            _platter.SectorsWritten = 0;
        }
    }

    /// <summary>The same device, opened anew: <see cref="SectorsWritten"/> begins at 0.</summary>
    public SimulatedBlockDevice Reopen() => new(_platter, _role, Name);

    /// <inheritdoc/>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, buffer.Length);
        lock (_platter)
        {
            if (_platter.Faults.Next() != Fate.Succeeds)
            {
                _platter.Chance.NextBytes(buffer);
                throw Error("read");
            }

            _platter.Bytes.Read(offsetBytes, buffer);
        }
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, data.Length);
        Change("write", offsetBytes, data);
    }

    /// <inheritdoc/>
    public void Zero(Extent extent)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, extent.OffsetBytes, extent.LengthBytes);
        Change("zero", extent.OffsetBytes, new byte[extent.LengthBytes]);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        lock (_platter)
        {
            switch (_platter.Faults.Next())
            {
                case Fate.Succeeds:
                    _platter.Bytes.Flush();
                    return;
                case Fate.FailsHalfway when !_platter.Faults.IsDown:
                    // The kernel marks the pages clean and reports once: some are lost, and nobody will say so again.
                    _platter.Bytes.Crash(_platter.Chance);
                    throw Error("flush");
                default:
                    throw Error("flush");
            }
        }
    }

    /// <inheritdoc/>
    public Extent NextData(long offsetBytes)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, 0);
        lock (_platter)
        {
            // Holes are whole pages of zeros, as a sparse file would have them.
            var start = offsetBytes;
            while (start < LengthBytes && IsHole(start))
            {
                start = NextPage(start);
            }

            var end = start;
            while (end < LengthBytes && !IsHole(end))
            {
                end = NextPage(end);
            }

            return new Extent(start, end - start);
        }
    }

    /// <inheritdoc/>
    public ChangeEvidence ReadEvidence()
    {
        lock (_platter)
        {
            return new ChangeEvidence(
                $"boot {_platter.BootCount} {Name}",
                _platter.SectorsWritten,
                Stamp: ""
            );
        }
    }

    /// <summary>Gives nothing up: the bytes are the test's to look at.</summary>
    public void Dispose() { }

    private void Change(string call, long offsetBytes, ReadOnlySpan<byte> data)
    {
        lock (_platter)
        {
            var fate = _platter.Faults.Next();
            if (fate == Fate.NeverStarts)
            {
                throw Error(call);
            }

            var sectors = DeviceRange.SectorsTouched(offsetBytes, data.Length);
            if (fate == Fate.FailsHalfway)
            {
                var length = _platter.Chance.Next(data.Length + 1);
                _platter.Bytes.Write(offsetBytes, data[..length]);
                _platter.SectorsWritten += DeviceRange.SectorsTouched(offsetBytes, length);
                throw Error(call);
            }

            _platter.Bytes.Write(offsetBytes, data);
            _platter.SectorsWritten += sectors;
            Interlocked.Add(ref _sectorsWritten, sectors);
        }
    }

    private bool IsHole(long offset)
    {
        var length = (int)(NextPage(offset) - offset);
        return !_platter.Bytes.Live.Slice((int)offset, length).ContainsAnyExcept((byte)0);
    }

    private long NextPage(long offset) =>
        Math.Min(
            LengthBytes,
            (offset / BlockLayout.PageSizeBytes * BlockLayout.PageSizeBytes) + BlockLayout.PageSizeBytes
        );

    private DeviceException Error(string call) =>
        _platter.Faults.DeviceError(
            _role == DeviceRole.Source ? ErrorId.SourceIo : ErrorId.TargetIo,
            call,
            Name
        );

    private sealed class Platter(int lengthBytes, Faults faults, int seed)
    {
        public VolatileBytes Bytes { get; } = new(lengthBytes);

        public Faults Faults { get; } = faults;

        public Random Chance { get; } = new(seed);

        public int BootCount { get; set; } = 1;

        public long SectorsWritten { get; set; }
    }
}
