using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Sharing;

/// <summary>
/// The content of one snapshot that several destinations are sent: a block that was read for one of them a moment ago is
/// not read again for the others. The last blocks are kept, whatever their size in the same memory; who is farther
/// behind reads for itself, and holds nobody back. Safe to use from several threads.
/// </summary>
/// <param name="device">The snapshot.</param>
/// <param name="layout">How it is cut.</param>
/// <param name="capacityBytes">Bytes of content that are kept.</param>
internal sealed class SharedBlocks(
    IBlockDevice device,
    BlockLayout layout,
    int capacityBytes = SharedBlocks.DefaultCapacityBytes
)
{
    /// <summary>A fraction of a second of a fast line: enough for destinations that are equally fast.</summary>
    public const int DefaultCapacityBytes = 64 * 1024 * 1024;

    /// <summary>How it is cut.</summary>
    public BlockLayout Layout => layout;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, TaskCompletionSource<byte[]?>> _blocks = [];
    private readonly Queue<long> _done = new();
    private readonly int _most = Math.Max(1, capacityBytes / layout.BlockSizeBytes);

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offsetBytes"/> on.</summary>
    /// <returns>How many of its bytes were taken over from another reader.</returns>
    /// <exception cref="Errors.DeviceException">What nobody had read could not be read. The buffer's content is undefined.</exception>
    public long Read(long offsetBytes, Span<byte> buffer)
    {
        var first = offsetBytes / layout.BlockSizeBytes;
        var isWholeBlocks =
            offsetBytes % layout.BlockSizeBytes == 0
            && (
                buffer.Length % layout.BlockSizeBytes == 0
                || offsetBytes + buffer.Length == layout.LengthBytes
            );
        if (!isWholeBlocks)
        {
            device.Read(offsetBytes, buffer);
            return 0;
        }

        var count = (int)((buffer.Length + layout.BlockSizeBytes - 1L) / layout.BlockSizeBytes);
        var made = new Task<byte[]?>?[count];
        Claim(first, made);
        ReadClaimed(first, made, buffer);
        return TakeOver(first, made, buffer);
    }

    /// <summary>Finds who has each block, or reads it now; where it is nobody, it is left to the caller, and null stands for it.</summary>
    private void Claim(long first, Task<byte[]?>?[] made)
    {
        lock (_gate)
        {
            for (var i = 0; i < made.Length; i++)
            {
                if (_blocks.TryGetValue(first + i, out var there))
                {
                    made[i] = there.Task;
                }
                else
                {
                    _blocks[first + i] = new TaskCompletionSource<byte[]?>();
                }
            }
        }
    }

    /// <summary>Reads what was left to the caller, each run of blocks at once, and hands it on.</summary>
    private void ReadClaimed(long first, Task<byte[]?>?[] made, Span<byte> buffer)
    {
        var handedOn = 0;
        try
        {
            for (var from = 0; from < made.Length; )
            {
                var to = from;
                while (to < made.Length && made[to] is null)
                {
                    to++;
                }

                if (to > from)
                {
                    var run = ContentOf(buffer, from, to);
                    device.Read(layout.OffsetOf(first + from), run);
                    Keep(first, from, to, buffer);
                }

                from = Math.Max(to, from + 1);
                handedOn = from;
            }
        }
        catch
        {
            GiveUp(first, made, handedOn);
            throw;
        }
    }

    /// <summary>By now this reader owes nothing to anybody, so that waiting for others can not become a circle.</summary>
    private long TakeOver(long first, Task<byte[]?>?[] made, Span<byte> buffer)
    {
        var takenOver = 0L;
        for (var i = 0; i < made.Length; i++)
        {
            if (made[i] is not { } other)
            {
                continue;
            }

            var content = ContentOf(buffer, i, i + 1);
            if (other.GetAwaiter().GetResult() is { } known)
            {
                known.CopyTo(content);
                takenOver += content.Length;
            }
            else
            {
                device.Read(layout.OffsetOf(first + i), content);
            }
        }

        return takenOver;
    }

    private Span<byte> ContentOf(Span<byte> buffer, int from, int to)
    {
        var start = from * layout.BlockSizeBytes;
        var end = (int)Math.Min((long)to * layout.BlockSizeBytes, buffer.Length);
        return buffer[start..end];
    }

    private void Keep(long first, int from, int to, Span<byte> buffer)
    {
        for (var i = from; i < to; i++)
        {
            var content = ContentOf(buffer, i, i + 1);
            var kept = GC.AllocateUninitializedArray<byte>(content.Length);
            content.CopyTo(kept);
            lock (_gate)
            {
                _blocks[first + i].SetResult(kept);
                _done.Enqueue(first + i);
                while (_done.Count > _most)
                {
                    _blocks.Remove(_done.Dequeue());
                }
            }
        }
    }

    private void GiveUp(long first, Task<byte[]?>?[] made, int from)
    {
        lock (_gate)
        {
            for (var i = from; i < made.Length; i++)
            {
                if (made[i] is null && _blocks.Remove(first + i, out var claimed))
                {
                    claimed.SetResult(null);
                }
            }
        }
    }
}
