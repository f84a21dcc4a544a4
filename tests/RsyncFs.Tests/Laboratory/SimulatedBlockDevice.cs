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
    private readonly Faults _faults;
    private long _sectorsWritten;

    /// <summary>A device of zeros. <paramref name="seed"/> decides what a call that fails leaves behind.</summary>
    public SimulatedBlockDevice(
        int lengthBytes,
        Faults? faults = null,
        int seed = 1,
        DeviceRole role = DeviceRole.Target,
        string name = "simulated"
    )
        : this(
            new Platter(new VolatileBytes(lengthBytes), new Chance((ulong)seed)),
            faults ?? new Faults(),
            role,
            name
        ) { }

    private SimulatedBlockDevice(Platter platter, Faults faults, DeviceRole role, string name)
    {
        _platter = platter;
        _faults = faults;
        _role = role;
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string StableId { get; init; } = "";

    /// <inheritdoc/>
    public long LengthBytes => _platter.Bytes.Length;

    /// <inheritdoc/>
    public long SectorsWritten => Interlocked.Read(ref _sectorsWritten);

    /// <summary>True for a device without direct I/O: behind a flush that failed, reads may go on giving what was lost.</summary>
    public bool HasPageCache { get; init; }

    /// <summary>What decides which calls fail.</summary>
    public Faults Faults => _faults;

    /// <summary>The bytes as a read would give them, without a call that could fail.</summary>
    public byte[] Content
    {
        get
        {
            lock (_faults.Gate)
            {
                return _platter.Bytes.ToArray();
            }
        }
    }

    /// <summary>The bytes of the last flush.</summary>
    public byte[] DurableContent
    {
        get
        {
            lock (_faults.Gate)
            {
                return _platter.Bytes.DurableCopy().ToArray();
            }
        }
    }

    /// <summary>The bytes, cache and all.</summary>
    internal VolatileBytes Bytes => _platter.Bytes;

    /// <summary>Gives the device its first content, durably and uncounted.</summary>
    public void Fill(ReadOnlySpan<byte> content)
    {
        lock (_faults.Gate)
        {
            _platter.Bytes.Write(0, content);
            _platter.Bytes.Flush();
        }
    }

    /// <summary>Somebody else writes: the counter in the evidence moves, <see cref="SectorsWritten"/> does not.</summary>
    /// <param name="offsetBytes">Where.</param>
    /// <param name="data">What.</param>
    /// <param name="isFlushed">True if that, and all before it, is durable then.</param>
    public void WriteByAnother(long offsetBytes, ReadOnlySpan<byte> data, bool isFlushed = true)
    {
        lock (_faults.Gate)
        {
            _platter.Bytes.Write(offsetBytes, data);
            if (isFlushed)
            {
                _platter.Bytes.Flush();
            }

            _platter.SectorsWritten += DeviceRange.SectorsTouched(offsetBytes, data.Length);
        }
    }

    /// <summary>
    /// The power goes and comes back: of what was not flushed, <paramref name="seed"/> decides what survives. The
    /// evidence is another boot's. The faults stay as they are armed.
    /// </summary>
    public void Crash(int seed) => Crash(new Chance((ulong)seed));

    /// <summary>The same device, opened anew: <see cref="SectorsWritten"/> begins at 0.</summary>
    public SimulatedBlockDevice Reopen() =>
        new(_platter, _faults, _role, Name) { StableId = StableId, HasPageCache = HasPageCache };

    /// <inheritdoc cref="Crash(int)"/>
    internal void Crash(Chance chance)
    {
        lock (_faults.Gate)
        {
            _platter.Bytes.Settle(chance);
            _platter.BootCount++;
            _platter.SectorsWritten = 0;
        }
    }

    /// <summary>An equal device, cache and all, in a machine of its own; opened anew.</summary>
    internal SimulatedBlockDevice CopyTo(Faults faults) =>
        new(_platter.Copy(), faults, _role, Name) { StableId = StableId, HasPageCache = HasPageCache };

    /// <inheritdoc/>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, buffer.Length);
        lock (_faults.Gate)
        {
            if (Begin(OperationKind.DeviceRead, offsetBytes, buffer.Length, []) != Fate.Succeeds)
            {
                _platter.Chance.Fill(buffer);
                throw Error("read");
            }

            _platter.Bytes.Read(offsetBytes, buffer);
        }
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, data.Length);
        lock (_faults.Gate)
        {
            switch (Begin(OperationKind.DeviceWrite, offsetBytes, data.Length, data))
            {
                case Fate.Succeeds:
                    _platter.Bytes.Write(offsetBytes, data);
                    break;
                case Fate.FailsHalfway:
                    var part = data[.._platter.Chance.Below(data.Length + 1)];
                    _platter.Bytes.Write(offsetBytes, part);
                    _platter.SectorsWritten += DeviceRange.SectorsTouched(offsetBytes, part.Length);
                    throw Error("write");
                case Fate.IsLost:
                    break;
                case Fate.GoesAstray:
                    _platter.Bytes.WriteAstray(data, _platter.Chance);
                    break;
                default:
                    throw Error("write");
            }

            Count(offsetBytes, data.Length);
        }
    }

    /// <inheritdoc/>
    public void Zero(Extent extent)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, extent.OffsetBytes, extent.LengthBytes);
        lock (_faults.Gate)
        {
            switch (Begin(OperationKind.DeviceZero, extent.OffsetBytes, extent.LengthBytes, []))
            {
                case Fate.Succeeds:
                    _platter.Bytes.Zero(extent.OffsetBytes, extent.LengthBytes);
                    Count(extent.OffsetBytes, extent.LengthBytes);
                    return;
                case Fate.FailsHalfway:
                    var part = _platter.Chance.Below((int)extent.LengthBytes + 1);
                    _platter.Bytes.Zero(extent.OffsetBytes, part);
                    _platter.SectorsWritten += DeviceRange.SectorsTouched(extent.OffsetBytes, part);
                    throw Error("zero");
                default:
                    throw Error("zero");
            }
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        lock (_faults.Gate)
        {
            switch (Begin(OperationKind.DeviceFlush, 0, 0, []))
            {
                case Fate.Succeeds:
                    _platter.Bytes.Flush();
                    return;
                case Fate.FailsHalfway when !_faults.IsDown:
                    // Reported once: some are lost, and nobody will say so again.
                    _platter.Bytes.FailFlush(_platter.Chance, HasPageCache);
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
        lock (_faults.Gate)
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
        lock (_faults.Gate)
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

    private Fate Begin(OperationKind kind, long offsetBytes, long lengthBytes, ReadOnlySpan<byte> data) =>
        _faults.Next(
            new Operation
            {
                Kind = kind,
                Where = Name,
                OffsetBytes = offsetBytes,
                LengthBytes = lengthBytes,
                Data = data,
            }
        );

    private void Count(long offsetBytes, long lengthBytes)
    {
        var sectors = DeviceRange.SectorsTouched(offsetBytes, lengthBytes);
        _platter.SectorsWritten += sectors;
        Interlocked.Add(ref _sectorsWritten, sectors);
    }

    private bool IsHole(long offset) => _platter.Bytes.IsZero(offset, NextPage(offset) - offset);

    private long NextPage(long offset) =>
        Math.Min(
            LengthBytes,
            (offset / BlockLayout.PageSizeBytes * BlockLayout.PageSizeBytes) + BlockLayout.PageSizeBytes
        );

    private DeviceException Error(string call) =>
        _faults.DeviceError(_role == DeviceRole.Source ? ErrorId.SourceIo : ErrorId.TargetIo, call, Name);

    private sealed class Platter(VolatileBytes bytes, Chance chance)
    {
        public VolatileBytes Bytes { get; } = bytes;

        public Chance Chance { get; } = chance;

        public int BootCount { get; set; } = 1;

        public long SectorsWritten { get; set; }

        public Platter Copy() =>
            new(Bytes.Copy(), Chance.Copy()) { BootCount = BootCount, SectorsWritten = SectorsWritten };
    }
}
