namespace RsyncFs.Errors;

/// <summary>
/// Every class of failure, one member each. The member's name in kebab case is its stable id, printed in
/// brackets behind each error. docs/errors.md is made of what stands here.
/// </summary>
public enum ErrorId
{
    /// <summary>The command line could not be understood.</summary>
    [ErrorClass(ExitCode.Usage, "rsyncfs COMMAND --help")]
    Usage,

    /// <summary>The peer could not be reached.</summary>
    [ErrorClass(
        ExitCode.Unreachable,
        "is the receiver running there, and is its port open? Then the same command again"
    )]
    Unreachable,

    /// <summary>The connection broke, or ended without its closing message.</summary>
    [ErrorClass(ExitCode.Unreachable, "the same command again: it goes on from what has arrived")]
    ConnectionLost,

    /// <summary>The peer sent nothing, or made no progress, for too long.</summary>
    [ErrorClass(
        ExitCode.Unreachable,
        "the same command again; if it comes back, look at the line and at the other machine's disk"
    )]
    Stalled,

    /// <summary>The peer sent something that the protocol does not allow.</summary>
    [ErrorClass(ExitCode.Protocol, "the same rsyncfs on both machines; if it is, report it with the message")]
    ProtocolViolation,

    /// <summary>The two ends have no protocol version in common.</summary>
    [ErrorClass(ExitCode.Protocol, "the same rsyncfs on both machines")]
    ProtocolVersion,

    /// <summary>An unencrypted connection to another machine that was not allowed.</summary>
    [ErrorClass(ExitCode.Denied, "send to rsyncfs://, with keys; or say --allow-plaintext on both machines")]
    PlaintextRefused,

    /// <summary>The key of the other end is not known here.</summary>
    [ErrorClass(
        ExitCode.Denied,
        "on the machine that refused: rsyncfs peer add NAME KEY, as the message says it"
    )]
    KeyUnknown,

    /// <summary>The key of the receiver is not the one that was expected.</summary>
    [ErrorClass(
        ExitCode.Denied,
        "compare with 'rsyncfs key show' on the receiver; only if it is right: rsyncfs peer add HOST KEY"
    )]
    KeyMismatch,

    /// <summary>The key has not the right that was needed.</summary>
    [ErrorClass(
        ExitCode.Denied,
        "on the receiver: rsyncfs peer allow NAME TARGET=write,verify; init for a first copy"
    )]
    AccessDenied,

    /// <summary>A program that a job wants to be run at a point of its cycle failed, and the cycle with it.</summary>
    [ErrorClass(
        ExitCode.Hook,
        "run the hook by hand, as the user that rsyncfs runs as; its last words are in the message"
    )]
    HookFailed,

    /// <summary>A program that the receiver runs about the writes to a target, or when it is promoted or demoted, failed. Before the first write, or the change: the target is as it was; behind it: it has the generation, or is the primary, all the same.</summary>
    [ErrorClass(ExitCode.Hook, "on the receiver: its log has what the hook said; run the hook by hand there")]
    TargetHookFailed,

    /// <summary>The configuration is missing, can not be understood, or could be changed by others.</summary>
    [ErrorClass(ExitCode.Config, "rsyncfs config check names all that is wrong, with file, line and column")]
    ConfigInvalid,

    /// <summary>This machine's key, or its list of peers, is missing, is damaged, may not be read, or could be changed by others.</summary>
    [ErrorClass(
        ExitCode.Config,
        "rsyncfs key gen makes a missing key; what others could change: chmod, chown as the message says"
    )]
    KeyFile,

    /// <summary>No encrypted connection came to be.</summary>
    [ErrorClass(
        ExitCode.Protocol,
        "is that the port of an rsyncfs serve with a key, and nothing in between that ends TLS?"
    )]
    TlsFailed,

    /// <summary>The receiver has no target of that name.</summary>
    [ErrorClass(ExitCode.Denied, "the names of the receiver: rsyncfs target list, there")]
    TargetUnknown,

    /// <summary>The target takes no first copy: the receiver did not allow <c>init</c>.</summary>
    [ErrorClass(
        ExitCode.Denied,
        "on the receiver: serve --target NAME=DEVICE,init, until the first copy is whole"
    )]
    TargetInitRefused,

    /// <summary>The target bears a known signature and may not be overwritten.</summary>
    [ErrorClass(
        ExitCode.Target,
        "look at what is on it; if it may go: init=overwrite on the receiver, --force for a local one"
    )]
    TargetSignature,

    /// <summary>The target holds another volume than the one the sender offers.</summary>
    [ErrorClass(
        ExitCode.Target,
        "look twice at both names; to replace what is there: init=overwrite on the receiver, --force for a local one"
    )]
    VolumeUnrelated,

    /// <summary>The target belongs to a volume, and the sender has no state: it was lost, or its source was never sent.</summary>
    [ErrorClass(
        ExitCode.Target,
        "on the receiver: rsyncfs target adopt NAME --new-sender; for a local one: sync --force"
    )]
    SenderUnknown,

    /// <summary>The plan that was asked for would not be safe.</summary>
    [ErrorClass(ExitCode.Failure, "leave --plan out")]
    PlanUnavailable,

    /// <summary>The path of the target leads to another device than it did.</summary>
    [ErrorClass(
        ExitCode.Target,
        "name the target by a path that stays with it; if the new device is meant: init=overwrite"
    )]
    TargetReplaced,

    /// <summary>Another sender is at work on the target.</summary>
    [ErrorClass(ExitCode.Unreachable, "wait for the other sender, and run again")]
    TargetBusy,

    /// <summary>The target device is mounted or held by something else.</summary>
    [ErrorClass(ExitCode.Target, "unmount it, or end who has it: the message names it")]
    TargetInUse,

    /// <summary>The target does not exist.</summary>
    [ErrorClass(ExitCode.Target, "check the path; for an image that is to be made: --create")]
    TargetMissing,

    /// <summary>The target device is read-only.</summary>
    [ErrorClass(ExitCode.Target, "blockdev --setrw DEVICE; or of a volume: lvchange -p rw VG/LV")]
    TargetReadOnly,

    /// <summary>The target could not be read, written or flushed.</summary>
    [ErrorClass(
        ExitCode.Target,
        "look at the kernel's log (dmesg) and at the disk; then the same command again"
    )]
    TargetIo,

    /// <summary>Source and target differ in size.</summary>
    [ErrorClass(
        ExitCode.Target,
        "give the target exactly the source's size: both numbers are in the message"
    )]
    SizeMismatch,

    /// <summary>The state directory, the key or the list of peers could not be read or written: the machine's failure.</summary>
    [ErrorClass(
        ExitCode.Failure,
        "let the user that rsyncfs runs as read and write the state directory, and look at its disk"
    )]
    StateIo,

    /// <summary>The disk of the state directory has no room for what must be kept there.</summary>
    [ErrorClass(
        ExitCode.Failure,
        "free some of the disk of the state directory, or name another: --state DIR"
    )]
    StateFull,

    /// <summary>The delta is larger than the journal may become.</summary>
    [ErrorClass(
        ExitCode.Target,
        "raise --journal-limit, or make room; or let this one be written in place: --apply direct"
    )]
    JournalFull,

    /// <summary>The target was promoted: this sender is fenced.</summary>
    [ErrorClass(
        ExitCode.Fenced,
        "if the target is the new primary: rsyncfs target reverse NAME there; if not: rsyncfs target demote NAME there"
    )]
    Fenced,

    /// <summary>The target has followed a newer primary: this sender is fenced.</summary>
    [ErrorClass(
        ExitCode.Fenced,
        "make this machine's device a target of the new primary: rsyncfs target adopt"
    )]
    StaleSender,

    /// <summary>The source became a target of its machine: it is not the primary.</summary>
    [ErrorClass(
        ExitCode.Fenced,
        "to make it the primary again: rsyncfs target promote NAME, then rsyncfs target reverse NAME"
    )]
    SourceRetired,

    /// <summary>Both ends have written on their own: two primaries.</summary>
    [ErrorClass(
        ExitCode.Fenced,
        "decide which side is right; on the other: rsyncfs target demote NAME, and its own changes are lost"
    )]
    SplitBrain,

    /// <summary>The target is at a later generation than the sender knows: the sender's state is old.</summary>
    [ErrorClass(
        ExitCode.Fenced,
        "was the source, or the state directory, restored from an older copy? If it is right: rsyncfs target adopt NAME --new-sender"
    )]
    SenderBehind,

    /// <summary>The sender claims an epoch to which no promotes have brought it.</summary>
    [ErrorClass(
        ExitCode.Fenced,
        "is that the sender that you think? If its state is right: rsyncfs target adopt NAME --new-sender"
    )]
    EpochAhead,

    /// <summary>A committed generation could not be applied to the target.</summary>
    [ErrorClass(
        ExitCode.Target,
        "look at the disk; then restart the receiver: it applies the generation from its journal again"
    )]
    TargetFaulted,

    /// <summary>The target is not the generation it should be.</summary>
    [ErrorClass(ExitCode.Target, "somebody else wrote it; the next run reads it, and mends it")]
    TargetDiverged,

    /// <summary>The target was released, and takes nothing until it is adopted.</summary>
    [ErrorClass(ExitCode.Target, "on the receiver: rsyncfs target adopt NAME")]
    TargetReleased,

    /// <summary>The target device has another size than it had.</summary>
    [ErrorClass(
        ExitCode.Target,
        "on the receiver: rsyncfs target resize NAME, when the source has the same size"
    )]
    TargetResized,

    /// <summary>What was asked of a target is not possible in its state.</summary>
    [ErrorClass(ExitCode.Target, "rsyncfs target show NAME tells what it is and what to do")]
    TargetState,

    /// <summary>A state file is damaged, or written by a newer version.</summary>
    [ErrorClass(ExitCode.Failure, "the message says what may be removed, and what that costs")]
    StateDamaged,

    /// <summary>Another process holds the lock on the state.</summary>
    [ErrorClass(ExitCode.Locked, "wait for the other run to end; the message names its process")]
    Locked,

    /// <summary>The source does not exist.</summary>
    [ErrorClass(ExitCode.Source, "check the path; is the volume active?")]
    SourceMissing,

    /// <summary>The source is mounted or held by something else.</summary>
    [ErrorClass(
        ExitCode.Source,
        "unmount it, give a snapshot of it, or say --snapshot none and take a fuzzy copy"
    )]
    SourceInUse,

    /// <summary>The source could not be read.</summary>
    [ErrorClass(
        ExitCode.Source,
        "look at the kernel's log (dmesg) and at the disk; the target stays as it was"
    )]
    SourceIo,

    /// <summary>The source changed while it was read.</summary>
    [ErrorClass(ExitCode.Source, "give a snapshot of it; the target stays as it was")]
    SourceChanged,

    /// <summary>No snapshot of the source could be taken.</summary>
    [ErrorClass(
        ExitCode.Source,
        "the message has what LVM said: most often the volume group has no room (vgs)"
    )]
    SnapshotCreate,

    /// <summary>The snapshot ran full before the transfer ended.</summary>
    [ErrorClass(ExitCode.Source, "run again: the next snapshot gets more room; or say how much: --cow-size")]
    SnapshotOverflow,

    /// <summary>The kernel does not count what is written to a device.</summary>
    [ErrorClass(ExitCode.Failure, "give a snapshot of the source")]
    WritesUncounted,

    /// <summary>A sampled block was not what a shortcut took it for.</summary>
    [ErrorClass(
        ExitCode.Target,
        "somebody else wrote the target, or its disk forgets; the next run compares both whole"
    )]
    AuditFailed,

    /// <summary>A sampled block of the source changed, and what says where it changed did not name it.</summary>
    [ErrorClass(ExitCode.Source, "the next run reads everything; look at who made the list of changes")]
    ChangesIncomplete,

    /// <summary>A delta does not make the generation that the sender says it must.</summary>
    [ErrorClass(ExitCode.Target, "the same command again compares both; if it comes back, report it")]
    RootMismatch,

    /// <summary>Source and target differ (<c>verify</c>).</summary>
    [ErrorClass(
        ExitCode.Differs,
        "rsyncfs sync mends it; if it comes back, look at the disks and at who writes the target"
    )]
    VerifyDiffers,

    /// <summary>Something was found that needs somebody (<c>doctor</c>).</summary>
    [ErrorClass(
        ExitCode.Differs,
        "each finding has its command; rsyncfs doctor --fix does what is without risk"
    )]
    DoctorFindings,

    /// <summary>The operating system refused for lack of permission.</summary>
    [ErrorClass(ExitCode.Denied, "run as root, or give the user what the message names")]
    PermissionDenied,

    /// <summary>A library or program that rsyncfs needs is not installed.</summary>
    [ErrorClass(ExitCode.Failure, "apt-get install what the message names")]
    DependencyMissing,

    /// <summary>Standard output or standard error could not be written.</summary>
    [ErrorClass(
        ExitCode.Failure,
        "what was asked for may well be done: run it again and look at the exit code"
    )]
    OutputFailed,

    /// <summary>What a person allowed a run to take is used up, and it was ended in good order.</summary>
    [ErrorClass(ExitCode.Limit, "the same command again goes on from what has arrived")]
    LimitReached,

    /// <summary>Ended by a signal.</summary>
    [ErrorClass(ExitCode.Interrupted, "the same command again goes on")]
    Interrupted,

    /// <summary>A defect in rsyncfs.</summary>
    [ErrorClass(ExitCode.Bug, "report it, with the lines below the message")]
    Bug,
}
