namespace RsyncFs.Errors;

/// <summary>
/// Every class of failure, one member each. The member's name in kebab case is its stable id, printed in
/// brackets behind each error; <see cref="ErrorCatalogue"/> gives its exit code.
/// </summary>
public enum ErrorId
{
    /// <summary>The command line could not be understood.</summary>
    Usage,

    /// <summary>The peer could not be reached.</summary>
    Unreachable,

    /// <summary>The connection broke, or ended without its closing message.</summary>
    ConnectionLost,

    /// <summary>The peer sent nothing, or made no progress, for too long.</summary>
    Stalled,

    /// <summary>The peer sent something that the protocol does not allow.</summary>
    ProtocolViolation,

    /// <summary>The two ends have no protocol version in common.</summary>
    ProtocolVersion,

    /// <summary>An unencrypted connection to another machine that was not allowed.</summary>
    PlaintextRefused,

    /// <summary>The key of the other end is not known here.</summary>
    KeyUnknown,

    /// <summary>The key of the receiver is not the one that was expected.</summary>
    KeyMismatch,

    /// <summary>The key has not the right that was needed.</summary>
    AccessDenied,

    /// <summary>The configuration is missing, can not be understood, or could be changed by others.</summary>
    ConfigInvalid,

    /// <summary>This machine's key, or its list of peers, is missing, can not be read, or could be changed by others.</summary>
    KeyFile,

    /// <summary>No encrypted connection came to be.</summary>
    TlsFailed,

    /// <summary>The receiver has no target of that name.</summary>
    TargetUnknown,

    /// <summary>The target takes no first copy: the receiver did not allow <c>init</c>.</summary>
    TargetInitRefused,

    /// <summary>The target bears a known signature and may not be overwritten.</summary>
    TargetSignature,

    /// <summary>The target holds another volume than the one the sender offers.</summary>
    VolumeUnrelated,

    /// <summary>The target belongs to a volume, and the sender has no state: it was lost, or its source was never sent.</summary>
    SenderUnknown,

    /// <summary>The plan that was asked for would not be safe.</summary>
    PlanUnavailable,

    /// <summary>The path of the target leads to another device than it did.</summary>
    TargetReplaced,

    /// <summary>Another sender is at work on the target.</summary>
    TargetBusy,

    /// <summary>The target device is mounted or held by something else.</summary>
    TargetInUse,

    /// <summary>The target does not exist.</summary>
    TargetMissing,

    /// <summary>The target device is read-only.</summary>
    TargetReadOnly,

    /// <summary>The target could not be read, written or flushed.</summary>
    TargetIo,

    /// <summary>Source and target differ in size.</summary>
    SizeMismatch,

    /// <summary>The state directory could not be read or written.</summary>
    StateIo,

    /// <summary>The disk of the state directory has no room for what must be kept there.</summary>
    StateFull,

    /// <summary>The delta is larger than the journal may become.</summary>
    JournalFull,

    /// <summary>The target was promoted: this sender is fenced.</summary>
    Fenced,

    /// <summary>The target has followed a newer primary: this sender is fenced.</summary>
    StaleSender,

    /// <summary>The source became a target of its machine: it is not the primary.</summary>
    SourceRetired,

    /// <summary>Both ends have written on their own: two primaries.</summary>
    SplitBrain,

    /// <summary>The target is at a later generation than the sender knows: the sender's state is old.</summary>
    SenderBehind,

    /// <summary>The sender claims an epoch to which no promotes have brought it.</summary>
    EpochAhead,

    /// <summary>A committed generation could not be applied to the target.</summary>
    TargetFaulted,

    /// <summary>The target is not the generation it should be.</summary>
    TargetDiverged,

    /// <summary>The target was released, and takes nothing until it is adopted.</summary>
    TargetReleased,

    /// <summary>The target device has another size than it had.</summary>
    TargetResized,

    /// <summary>What was asked of a target is not possible in its state.</summary>
    TargetState,

    /// <summary>A state file is damaged, or written by a newer version.</summary>
    StateDamaged,

    /// <summary>Another process holds the lock on the state.</summary>
    Locked,

    /// <summary>The source does not exist.</summary>
    SourceMissing,

    /// <summary>The source is mounted or held by something else.</summary>
    SourceInUse,

    /// <summary>The source could not be read.</summary>
    SourceIo,

    /// <summary>The source changed while it was read.</summary>
    SourceChanged,

    /// <summary>No snapshot of the source could be taken.</summary>
    SnapshotCreate,

    /// <summary>The snapshot ran full before the transfer ended.</summary>
    SnapshotOverflow,

    /// <summary>The kernel does not count what is written to a device.</summary>
    WritesUncounted,

    /// <summary>A sampled block was not what a shortcut took it for.</summary>
    AuditFailed,

    /// <summary>A sampled block of the source changed, and what says where it changed did not name it.</summary>
    ChangesIncomplete,

    /// <summary>A delta does not make the generation that the sender says it must.</summary>
    RootMismatch,

    /// <summary>Source and target differ (<c>verify</c>).</summary>
    VerifyDiffers,

    /// <summary>Something was found that needs somebody (<c>doctor</c>).</summary>
    DoctorFindings,

    /// <summary>The operating system refused for lack of permission.</summary>
    PermissionDenied,

    /// <summary>A library or program that rsyncfs needs is not installed.</summary>
    DependencyMissing,

    /// <summary>Standard output or standard error could not be written.</summary>
    OutputFailed,

    /// <summary>What a person allowed a run to take is used up, and it was ended in good order.</summary>
    LimitReached,

    /// <summary>Ended by a signal.</summary>
    Interrupted,

    /// <summary>A defect in rsyncfs.</summary>
    Bug,
}
