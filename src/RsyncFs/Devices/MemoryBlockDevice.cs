using RsyncFs.Blocks;

namespace RsyncFs.Devices;

/// <summary>
/// A device in memory, for tests, benchmarks, and users of the library who want to try it. It never fails, knows no
/// holes, and forgets everything with the process.
/// </summary>
public sealed class MemoryBlockDevice : IBlockDevice
{
    private readonly Storage _storage;
    private long _sectorsWritten;

    /// <summary>A device of <paramref name="lengthBytes"/> zeros.</summary>
    public MemoryBlockDevice(int lengthBytes, string name = "memory")
        : this(new byte[lengthBytes], name) { }

    /// <summary>A device whose bytes are <paramref name="content"/>, which is not copied.</summary>
    public MemoryBlockDevice(byte[] content, string name = "memory")
        : this(new Storage(content), name) { }

    private MemoryBlockDevice(Storage storage, string name)
    {
        _storage = storage;
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string StableId { get; init; } = "";

    /// <inheritdoc/>
    public long LengthBytes => _storage.Content.Length;

    /// <inheritdoc/>
    public long SectorsWritten => Interlocked.Read(ref _sectorsWritten);

    /// <summary>The bytes of the device. A change made here is one that no evidence shows.</summary>
    public Span<byte> Content => _storage.Content;

    /// <summary>The identity in the evidence: another one looks like a reboot, or like another device in its place.</summary>
    public string Identity
    {
        get => _storage.Identity;
        set => _storage.Identity = value;
    }

    /// <summary>The same bytes, identity and write counter, opened anew: <see cref="SectorsWritten"/> begins at 0.</summary>
    public MemoryBlockDevice Reopen() => new(_storage, Name);

    /// <summary>Moves the write counter as somebody else's write of <paramref name="sectors"/> sectors would.</summary>
    public void CountForeignWrite(long sectors) => Interlocked.Add(ref _storage.SectorsWritten, sectors);

    /// <inheritdoc/>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, buffer.Length);
        Content.Slice((int)offsetBytes, buffer.Length).CopyTo(buffer);
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, data.Length);
        data.CopyTo(Content[(int)offsetBytes..]);
        Count(offsetBytes, data.Length);
    }

    /// <inheritdoc/>
    public void Zero(Extent extent)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, extent.OffsetBytes, extent.LengthBytes);
        Content.Slice((int)extent.OffsetBytes, (int)extent.LengthBytes).Clear();
        Count(extent.OffsetBytes, extent.LengthBytes);
    }

    /// <inheritdoc/>
    public void Flush() { }

    /// <inheritdoc/>
    public Extent NextData(long offsetBytes)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, 0);
        return new Extent(offsetBytes, LengthBytes - offsetBytes);
    }

    /// <inheritdoc/>
    public ChangeEvidence ReadEvidence() =>
        new(Identity, Interlocked.Read(ref _storage.SectorsWritten), Stamp: "");

    /// <summary>Gives nothing up: the bytes live as long as somebody refers to them.</summary>
    public void Dispose() { }

    private void Count(long offsetBytes, long lengthBytes)
    {
        var sectors = DeviceRange.SectorsTouched(offsetBytes, lengthBytes);
        Interlocked.Add(ref _sectorsWritten, sectors);
        Interlocked.Add(ref _storage.SectorsWritten, sectors);
    }

    private sealed class Storage(byte[] content)
    {
        public byte[] Content { get; } = content;

        public string Identity { get; set; } = "memory";

        public long SectorsWritten;
    }
}
