using RsyncFs.Blocks;

namespace RsyncFs.Protocol;

/// <summary>
/// Every bound of the wire, with its reason. All are local: no message raises one, and each is checked before
/// memory is taken or time is spent.
/// </summary>
public static class ProtocolLimits
{
    /// <summary>Payload bytes of any frame but a Delta: room for the longest reply, and little enough to hold by the dozen.</summary>
    public const int ControlPayloadBytes = 64 * 1024;

    /// <summary>Payload bytes of a Hello, Welcome or Refused: whoever is not known yet gets little memory. Fits the texts below.</summary>
    public const int HandshakePayloadBytes = 8 * 1024;

    /// <summary>Payload bytes of the records of a Delta, unless a single block is larger: enough to make the frame's cost vanish.</summary>
    public const int DeltaRecordsBytes = 1024 * 1024;

    /// <summary>
    /// What a record takes beside its literal bytes, at most: step 10, shape 1, digest 32, two bitmaps of 128, copy
    /// count 2, stored length 4, and for each of 1024 pages a copy of 2 + 2 + 10; rounded up.
    /// </summary>
    public const int RecordOverheadBytes = 16 * 1024;

    /// <summary>Records of one Delta: what is decoded takes up to ten times the bytes of the smallest records, and no more than about 16 MiB so.</summary>
    public const int DeltaRecordCount = 64 * 1024;

    /// <summary>Bytes of a zero run: so many are zeroed within the deadline for progress by a disk of 5 MB/s.</summary>
    public const long ZeroRunBytes = 256L * 1024 * 1024;

    /// <summary>Bytes of a Delta that a sender fills a frame to: well above the frame's cost, below a second on a slow line.</summary>
    public const int DeltaTargetBytes = 256 * 1024;

    /// <summary>Digests of one GroupDigests: 32 KiB of the longer digest.</summary>
    public const int GroupDigestCount = 1024;

    /// <summary>Groups of one SignatureQuery: each is answered by a frame of up to 9 KiB, for which the asking end has room.</summary>
    public const int SignatureGroupCount = 64;

    /// <summary>Blocks of one PageQuery or AuditQuery: ten bytes each still fit a control frame.</summary>
    public const int QueryBlockCount = 4096;

    /// <summary>Hashes of one PageHashes, four bytes each: fits a control frame, and has room for the largest block 15 times.</summary>
    public const int PageHashCount = 15 * 1024;

    /// <summary>Digests of one AuditDigests: 32 KiB of the longer digest.</summary>
    public const int AuditBlockCount = 1024;

    /// <summary>Payload bytes of a Signatures: a group of blocks with the longer digest. Up to 2048 of them may be asked for at once.</summary>
    public const int SignaturesPayloadBytes = 8 + (BlockLayout.BlocksPerGroup * (4 + Digest.MaxLengthBytes));

    /// <summary>Queries of all kinds not answered yet, half of what a receiver lets lie unread: enough to fill a long line, and the receiver's work in advance.</summary>
    public const int OutstandingQueryCount = 32;

    /// <summary>Messages other than Delta and replies that may lie unread: queries in flight and a few that end a cycle.</summary>
    public const int UnreadMessageCount = 64;

    /// <summary>BlockRefused that may lie unread; more means that the two ends do not have the same base, and going on is no use.</summary>
    public const int UnreadBlockRefusedCount = 64 * 1024;

    /// <summary>
    /// Deltas that may lie unread, however little credit they take: each costs some hundred bytes beside its payload. A
    /// sender fills them to <see cref="DeltaTargetBytes"/>, or for a second, and comes nowhere near.
    /// </summary>
    public const int UnreadDeltaCount = 64 * 1024;

    /// <summary>UTF-8 bytes of a name: target, node, software.</summary>
    public const int NameBytes = 128;

    /// <summary>UTF-8 bytes of each text of a Refused: a few lines of what a system said.</summary>
    public const int TextBytes = 1024;

    /// <summary>Bytes of Delta payload that a receiver lets the sender be ahead: 25 ms at 10 Gbit/s, and twice the largest frame many times over.</summary>
    public const long InitialCreditBytes = 32 * 1024 * 1024;

    /// <summary>Credit that a sender believes in; a receiver that gives more has lost count.</summary>
    public const long CreditBytes = 1L << 40;

    /// <summary>How often an end that has nothing to say says so.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);

    /// <summary>A peer of whom nothing was received for so long is dead: three heartbeats.</summary>
    public static readonly TimeSpan SilenceDeadline = TimeSpan.FromSeconds(30);

    /// <summary>From accept to the target's name (or, at the sender, to the answer): a person, a script and a slow line make it; a scanner holds nothing for long.</summary>
    public static readonly TimeSpan HandshakeDeadline = TimeSpan.FromSeconds(10);

    /// <summary>What a frame may take beyond its length at the minimum rate: a retransmission or two.</summary>
    public static readonly TimeSpan FrameGrace = TimeSpan.FromSeconds(10);

    /// <summary>The slowest line that is of use. Counts only from a frame's first byte to its last.</summary>
    public const int MinBytesPerSecond = 64 * 1024;

    /// <summary>
    /// The least that a sender may be limited to. A frame of any length, sent at this rate and no faster, has ended when
    /// its <see cref="FrameDeadline"/> has all of <see cref="FrameGrace"/> left for the line; at a lower one the
    /// receiver could drop a sender that does as it was told.
    /// </summary>
    public const int MinSendBytesPerSecond = MinBytesPerSecond;

    /// <summary>What a frame should take at most at the measured rate; heartbeats and queries wait behind it.</summary>
    public static readonly TimeSpan FrameTarget = TimeSpan.FromSeconds(5);

    /// <summary>What a frame should take at most at the limit that a person set: the line is slow because it was said, and what waits need not wait as long.</summary>
    public static readonly TimeSpan LimitedFrameTarget = TimeSpan.FromSeconds(1);

    /// <summary>From our Bye to the peer's, and from the peer's answer to the end of the stream.</summary>
    public static readonly TimeSpan ByeDeadline = TimeSpan.FromSeconds(10);

    /// <summary>How long a stream is kept for another session (<see cref="Messages.Again"/>): twice as long as a sender waits that means to come again.</summary>
    public static readonly TimeSpan KeptDeadline = TimeSpan.FromMinutes(10);

    /// <summary>How long a refusing receiver goes on reading, so that its refusal is not lost in a reset connection (RFC 1122, 4.2.2.13).</summary>
    public static readonly TimeSpan RefusalLinger = TimeSpan.FromSeconds(5);

    /// <summary>How often deadlines are looked at.</summary>
    public static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    /// <summary>If deadlines were not looked at for so long, it was this process that slept, and the peer is not to blame.</summary>
    public static readonly TimeSpan OwnSleep = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of an in-process connection on their way in one direction.</summary>
    public const int StreamPairBytes = 1024 * 1024;

    /// <summary>How long a peer may report <paramref name="phase"/> without progress.</summary>
    public static TimeSpan ProgressDeadline(SessionPhase phase) =>
        phase switch
        {
            // Both ends wait for each other: a defect, or a loop that should have said Bye.
            SessionPhase.Idle => TimeSpan.FromMinutes(10),
            // A flush says nothing until it is over, and a full cache on a slow disk takes minutes.
            SessionPhase.Flush => TimeSpan.FromMinutes(10),
            // The rest count bytes as they go: a disk that gives none for a minute is broken.
            _ => TimeSpan.FromSeconds(60),
        };

    /// <summary>What a frame of <paramref name="payloadLength"/> bytes may take from its first byte to its last.</summary>
    public static TimeSpan FrameDeadline(int payloadLength) =>
        FrameGrace + TimeSpan.FromSeconds((double)payloadLength / MinBytesPerSecond);

    /// <summary>Payload bytes of a Delta: one block, or many records up to 1 MiB.</summary>
    public static int DeltaPayloadBytes(SessionFormat format) =>
        Math.Max(DeltaRecordsBytes, format.Layout.BlockSizeBytes) + RecordOverheadBytes;

    /// <summary>Blocks of one PageQuery on a device so cut: its answer fits one frame.</summary>
    public static int PageQueryBlockCount(BlockLayout layout) =>
        Math.Min(QueryBlockCount, PageHashCount / layout.PagesPerBlock);

    /// <summary>Payload bytes of a frame of type <paramref name="type"/>; none for a Delta before a target is open.</summary>
    internal static int MaxPayloadLength(MessageType type, SessionFormat? format) =>
        type switch
        {
            MessageType.Hello or MessageType.Welcome or MessageType.Refused => HandshakePayloadBytes,
            MessageType.Delta => format is null ? 0 : DeltaPayloadBytes(format),
            MessageType.Signatures => SignaturesPayloadBytes,
            _ => ControlPayloadBytes,
        };
}
