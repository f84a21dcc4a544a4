namespace RsyncFs.Protocol;

/// <summary>What a frame holds. The number stands in its header, and never gets another meaning.</summary>
internal enum MessageType : byte
{
    Hello = 1,
    Welcome = 2,
    Refused = 3,
    OpenTarget = 4,
    TargetState = 5,
    BeginGeneration = 6,
    Credit = 7,
    Checkpoint = 8,
    GroupDigests = 9,
    SignatureQuery = 10,
    Signatures = 11,
    PageQuery = 12,
    PageHashes = 13,
    Delta = 14,
    BlockRefused = 15,
    AuditQuery = 16,
    AuditDigests = 17,
    EndOfDelta = 18,
    Applied = 19,
    Heartbeat = 20,
    Bye = 21,
    Durable = 22,
    Codecs = 23,
    Again = 24,
}
