using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Protocol;

/// <summary>
/// What this end asked and has no answer to yet. An answer that nobody asked for, or that is not the next one due,
/// is refused; so what lies unread is bounded by what was asked for (C14).
/// </summary>
internal sealed class OutstandingQueries
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Group, bool IsLast)> _groups = new();
    private readonly Queue<(long FirstBlock, int HashCount)> _pages = new();
    private readonly Queue<int> _audits = new();
    private readonly Dictionary<MessageType, long> _due = [];
    private int _queryCount;
    private long _nextGroup;
    private long _groupCount;

    /// <summary>Remembers what <paramref name="message"/> asks for. To be called before it is sent.</summary>
    /// <exception cref="ArgumentException">More queries would be outstanding than <see cref="ProtocolLimits.OutstandingQueryCount"/>: a defect of this end.</exception>
    public void Ask(Message message, SessionFormat? format)
    {
        lock (_lock)
        {
            switch (message)
            {
                case BeginGeneration:
                    // The group digests of a cycle come unasked, once, in order; counted in bytes.
                    _nextGroup = 0;
                    _groupCount = format?.Layout.GroupCount ?? 0;
                    _due[MessageType.GroupDigests] = _groupCount * (format?.DigestLength ?? 0);
                    break;
                case SignatureQuery query:
                    Expect(MessageType.Signatures, query.GroupCount);
                    for (var group = 0; group < query.GroupCount; group++)
                    {
                        _groups.Enqueue((query.FirstGroup + group, group == query.GroupCount - 1));
                    }

                    break;
                case PageQuery query when format is not null:
                    Expect(MessageType.PageHashes, 1);
                    _pages.Enqueue((query.Blocks[0], HashCountOf(query, format.Layout)));
                    break;
                case AuditQuery query:
                    Expect(MessageType.AuditDigests, 1);
                    _audits.Enqueue(query.Blocks.Count);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>True if frames of this type are counted here, and no further limit is needed.</summary>
    public static bool IsReply(MessageType type) =>
        type
            is MessageType.Signatures
                or MessageType.PageHashes
                or MessageType.AuditDigests
                or MessageType.GroupDigests;

    /// <summary>Counts a frame that is about to be read.</summary>
    /// <exception cref="ProtocolException">Nobody asked for it.</exception>
    public void Admit(FrameHeader header)
    {
        lock (_lock)
        {
            var needed =
                header.Type == MessageType.GroupDigests
                    ? Math.Max(1, header.PayloadLength - GroupDigests.FixedBytes)
                    : 1;
            var due = _due.GetValueOrDefault(header.Type);
            if (due < needed)
            {
                throw new ProtocolException($"{header.Type} that nobody asked for");
            }

            _due[header.Type] = due - needed;
        }
    }

    /// <summary>Compares an answer with what was asked first.</summary>
    /// <exception cref="ProtocolException">It answers something else.</exception>
    public void Match(Message message, SessionFormat? format)
    {
        lock (_lock)
        {
            var fits = message switch
            {
                Signatures reply => _groups.TryDequeue(out var due)
                    && Answered(due.IsLast)
                    && reply.Group == due.Group,
                PageHashes reply => _pages.TryDequeue(out var query)
                    && Answered(isWhole: true)
                    && reply.FirstBlock == query.FirstBlock
                    && reply.Hashes.Count == query.HashCount,
                AuditDigests reply => _audits.TryDequeue(out var count)
                    && Answered(isWhole: true)
                    && reply.Digests.Length == count * format?.DigestLength,
                GroupDigests reply => format is not null && IsNext(reply, format),
                _ => true,
            };
            if (!fits)
            {
                throw new ProtocolException($"{message.Type} that answer another question than the next");
            }
        }
    }

    private static int HashCountOf(PageQuery query, BlockLayout layout)
    {
        var count = 0;
        foreach (var block in query.Blocks)
        {
            count += layout.PageCountOf(block);
        }

        return count;
    }

    private void Expect(MessageType type, int answerCount)
    {
        if (_queryCount == ProtocolLimits.OutstandingQueryCount)
        {
            throw new ArgumentException($"{_queryCount} queries outstanding", nameof(type));
        }

        _queryCount++;
        _due[type] = _due.GetValueOrDefault(type) + answerCount;
    }

    private bool Answered(bool isWhole)
    {
        _queryCount -= isWhole ? 1 : 0;
        return true;
    }

    private bool IsNext(GroupDigests reply, SessionFormat format)
    {
        var count = reply.Digests.Length / format.DigestLength;
        var isNext = reply.FirstGroup == _nextGroup && count <= _groupCount - _nextGroup;
        _nextGroup += count;
        return isNext;
    }
}
