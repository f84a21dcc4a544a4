using System.Diagnostics;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Maps;

/// <summary>
/// The persistent signatures of every block of one generation, paged from disk by group; only the group digests
/// (1 MiB for each TiB of 64 KiB blocks) are in memory. It is derived and may be lost.
/// </summary>
/// <remarks>
/// A map is sealed when it is whole and durable, and says so in its header; the first change durably breaks the seal.
/// A map that was not sealed when its process died is not opened again. Not safe for use by several threads, but for
/// <see cref="ReadEntry"/>, which may run beside anything.
/// File: header (4096 bytes, see <see cref="DigestMapHeader"/>), group digests, padding to 4096, signature entries
/// (see <see cref="BlockHasher"/>), 256 a group, the last group as long as the others.
/// </remarks>
public sealed class DigestMap : IDisposable
{
    private const int NoGroup = -1;

    private readonly Lock _lock = new();
    private readonly IDurableDirectory _directory;
    private readonly string _name;
    private readonly IDurableFile _file;
    private readonly BlockHasher _hasher;
    private readonly byte[] _groupDigests;
    private readonly byte[] _page;
    private readonly long _entriesOffsetBytes;
    private readonly bool _isScratch;
    private bool _wasWhole;
    private long _pageGroup = NoGroup;
    private bool _isPageDirty;

    private DigestMap(
        IDurableDirectory directory,
        string name,
        IDurableFile file,
        BlockHasher hasher,
        bool isScratch
    )
    {
        _directory = directory;
        _name = name;
        _file = file;
        _hasher = hasher;
        _isScratch = isScratch;
        _groupDigests = new byte[hasher.Layout.GroupCount * hasher.Hash.DigestLength];
        _page = new byte[BlockLayout.BlocksPerGroup * hasher.EntryLength];
        _entriesOffsetBytes = EntriesOffset(_groupDigests.Length);
    }

    /// <summary>What the seal says; null while the map is not sealed.</summary>
    public DigestMapHeader? Sealed { get; private set; }

    /// <summary>The digests of all groups, one behind the other. Complete after <see cref="FinishGroups"/>.</summary>
    public ReadOnlyMemory<byte> GroupDigests => _groupDigests;

    /// <summary>The root digest: that of all group digests, one behind the other.</summary>
    public Digest ComputeRoot()
    {
        FinishGroups();
        return _hasher.Hash.Compute(_groupDigests);
    }

    /// <summary>Makes an empty, unsealed map; one of that name is gone.</summary>
    /// <exception cref="StateException">The file could not be made.</exception>
    public static DigestMap Create(IDurableDirectory directory, string name, BlockHasher hasher) =>
        Create(directory, name, hasher, isScratch: false);

    /// <summary>Makes an empty map whose file is removed when it is closed.</summary>
    /// <exception cref="StateException">The file could not be made.</exception>
    public static DigestMap CreateScratch(IDurableDirectory directory, string name, BlockHasher hasher) =>
        Create(directory, name, hasher, isScratch: true);

    /// <summary>Opens a sealed map; null if there is none, or it is damaged, of another shape or not sealed.</summary>
    /// <exception cref="StateException">The file could not be read.</exception>
    public static DigestMap? TryOpen(IDurableDirectory directory, string name, BlockHasher hasher)
    {
        if (!directory.Exists(name))
        {
            return null;
        }

        var file = directory.Open(name);
        var map = new DigestMap(directory, name, file, hasher, isScratch: false);
        var isWhole = false;
        try
        {
            isWhole = map.ReadSeal();
            return isWhole ? map : null;
        }
        finally
        {
            if (!isWhole)
            {
                map.Dispose();
            }
        }
    }

    /// <summary>Durably breaks the seal of the map, open or not: it is not opened again. One that is not there is no error.</summary>
    /// <exception cref="StateException">The seal may still be whole on disk.</exception>
    public static void Void(IDurableDirectory directory, string name)
    {
        if (directory.Exists(name))
        {
            using var file = directory.Open(name);
            file.Write(0, new byte[DigestMapHeader.LengthBytes]);
            file.Flush();
        }
    }

    /// <summary>Sets the signatures of consecutive blocks, given as entries.</summary>
    /// <exception cref="StateException">The file could not be written; the map is of no use any more.</exception>
    public void Set(long firstBlock, ReadOnlySpan<byte> entries)
    {
        lock (_lock)
        {
            BreakSeal();
            while (entries.Length > 0)
            {
                var group = BlockLayout.GroupOf(firstBlock);
                var at = (int)(firstBlock - BlockLayout.FirstBlockOf(group)) * _hasher.EntryLength;
                var part = entries[..Math.Min(entries.Length, _page.Length - at)];
                TurnTo(group, willBeFilled: at == 0 && part.Length == PageLength(group));
                part.CopyTo(_page.AsSpan(at));
                _isPageDirty = true;
                entries = entries[part.Length..];
                firstBlock += part.Length / _hasher.EntryLength;
            }
        }
    }

    /// <summary>
    /// Sets the signatures of consecutive blocks as <see cref="Set"/> does, and names each block whose signature was
    /// another, with what it was. A map that stays as it is keeps its seal.
    /// </summary>
    /// <exception cref="StateException">The file could not be read or written; the map is of no use any more.</exception>
    public void Replace(long firstBlock, ReadOnlySpan<byte> entries, Action<long, Signature> changed)
    {
        var length = _hasher.EntryLength;
        for (; entries.Length > 0; entries = entries[length..], firstBlock++)
        {
            var group = BlockLayout.GroupOf(firstBlock);
            var at = (int)(firstBlock - BlockLayout.FirstBlockOf(group)) * length;
            Signature old;
            lock (_lock)
            {
                TurnTo(group, willBeFilled: false);
                var same = entries.CommonPrefixLength(_page.AsSpan(at, PageLength(group) - at)) / length;
                if (same > 0)
                {
                    // Step over all that are equal at once; the loop steps over the last of them.
                    entries = entries[((same - 1) * length)..];
                    firstBlock += same - 1;
                    continue;
                }

                old = BlockHasher.ReadEntry(_page.AsSpan(at, length));
            }

            changed(firstBlock, old);
            Set(firstBlock, entries[..length]);
        }
    }

    /// <summary>The signature of one block.</summary>
    /// <exception cref="StateException">The file could not be read.</exception>
    public Signature ReadEntry(long block)
    {
        lock (_lock)
        {
            var group = BlockLayout.GroupOf(block);
            TurnTo(group, willBeFilled: false);
            var at = (int)(block - BlockLayout.FirstBlockOf(group)) * _hasher.EntryLength;
            return BlockHasher.ReadEntry(_page.AsSpan(at, _hasher.EntryLength));
        }
    }

    /// <summary>The entries of one group, copied.</summary>
    /// <exception cref="StateException">The file could not be read.</exception>
    public byte[] ReadGroup(long group)
    {
        lock (_lock)
        {
            TurnTo(group, willBeFilled: false);
            return _page.AsSpan(0, PageLength(group)).ToArray();
        }
    }

    /// <summary>Brings <see cref="GroupDigests"/> up to everything that was set.</summary>
    /// <exception cref="StateException">The file could not be written.</exception>
    public void FinishGroups()
    {
        lock (_lock)
        {
            WritePage();
        }
    }

    /// <summary>Durably says that the map is whole and belongs to <paramref name="generation"/>.</summary>
    /// <param name="generation">The generation whose signatures these are.</param>
    /// <param name="evidence">The target's write evidence taken after its last flush; null on the sender's side.</param>
    /// <exception cref="StateException">The map is not sealed, or may be: the next opening finds out.</exception>
    public void Seal(Guid generation, ChangeEvidence? evidence)
    {
        var root = ComputeRoot();
        _file.Write(DigestMapHeader.LengthBytes, _groupDigests);
        _file.Flush();
        var header = new DigestMapHeader(generation, root, evidence);
        _file.Write(0, header.Encode(_hasher));
        _file.Flush();
        Sealed = header;
    }

    /// <summary>Durably breaks the seal, if there is one: what the map says is not believed again after this process.</summary>
    /// <exception cref="StateException">The seal may still be whole on disk; nothing else was written.</exception>
    public void BreakSeal()
    {
        if (Sealed is null)
        {
            return;
        }

        _file.Write(0, new byte[DigestMapHeader.LengthBytes]);
        _file.Flush();
        Sealed = null;
    }

    /// <summary>
    /// Forgets the seal without a write: the target's state has durably left the generation that it speaks of, so
    /// nobody will believe it.
    /// </summary>
    public void ForgetSeal() => Sealed = null;

    /// <summary>Closes the file, and removes it if it was made as scratch. Seals nothing.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (_isScratch)
        {
            _directory.Delete(_name);
        }
    }

    private static DigestMap Create(
        IDurableDirectory directory,
        string name,
        BlockHasher hasher,
        bool isScratch
    )
    {
        if (directory.Exists(name))
        {
            // Another file: of one that is overwritten a crash may leave the old seal above the new entries.
            directory.Delete(name);
        }

        var map = new DigestMap(directory, name, directory.Create(name), hasher, isScratch);
        try
        {
            map._file.SetLength(map._entriesOffsetBytes + (hasher.Layout.GroupCount * map._page.Length));
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    private static long EntriesOffset(int groupDigestsLength)
    {
        const int Page = BlockLayout.PageSizeBytes;
        return DigestMapHeader.LengthBytes + ((groupDigestsLength + Page - 1L) / Page * Page);
    }

    private int PageLength(long group) => _hasher.Layout.BlockCountOf(group) * _hasher.EntryLength;

    private bool ReadSeal()
    {
        if (_file.LengthBytes != _entriesOffsetBytes + (_hasher.Layout.GroupCount * _page.Length))
        {
            return false;
        }

        var header = new byte[DigestMapHeader.LengthBytes];
        _file.Read(0, header);
        _file.Read(DigestMapHeader.LengthBytes, _groupDigests);
        Sealed = DigestMapHeader.TryDecode(header, _hasher);
        _wasWhole = Sealed is not null && Sealed.Root == _hasher.Hash.Compute(_groupDigests);
        return _wasWhole;
    }

    /// <summary>Makes the page in memory that of <paramref name="group"/>; its old content is not read if it <paramref name="willBeFilled"/>.</summary>
    private void TurnTo(long group, bool willBeFilled)
    {
        Debug.Assert(group >= 0 && group < _hasher.Layout.GroupCount, "group in range");
        if (group == _pageGroup)
        {
            return;
        }

        WritePage();
        _pageGroup = NoGroup;
        if (!willBeFilled)
        {
            _file.Read(_entriesOffsetBytes + (group * _page.Length), _page);
            CheckPage(group);
        }

        _pageGroup = group;
    }

    /// <summary>A page of a map that was whole when it was opened must still be what its group digest says.</summary>
    private void CheckPage(long group)
    {
        var digestLength = _hasher.Hash.DigestLength;
        var stored = Digest.Read(_groupDigests.AsSpan((int)group * digestLength, digestLength));
        if (_wasWhole && _hasher.ComputeGroup(_page.AsSpan(0, PageLength(group))) != stored)
        {
            BreakSeal();
            throw new StateException(ErrorId.StateDamaged, "a digest map is damaged")
            {
                Where = _file.Name,
                Cause = $"the entries of group {group} do not fit their group digest",
                Hint = "run again: the map is void now, and the device will be read instead",
            };
        }
    }

    private void WritePage()
    {
        if (!_isPageDirty)
        {
            return;
        }

        var entries = _page.AsSpan(0, PageLength(_pageGroup));
        _file.Write(_entriesOffsetBytes + (_pageGroup * _page.Length), entries);
        var digestLength = _hasher.Hash.DigestLength;
        _hasher
            .ComputeGroup(entries)
            .Write(_groupDigests.AsSpan((int)_pageGroup * digestLength, digestLength));
        _isPageDirty = false;
    }
}
