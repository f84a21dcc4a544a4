namespace RsyncFs.Errors;

/// <summary>
/// A device could not be opened, read, written or flushed. A failed read leaves the buffer undefined and the
/// device as it was; after a failed write or flush nothing may be assumed about the bytes written since the last
/// flush that succeeded, and a second flush proves nothing.
/// </summary>
public sealed class DeviceException : RsyncFsException
{
    /// <summary>Makes the error; <paramref name="id"/> says whose device it was and what class of failure.</summary>
    public DeviceException(ErrorId id, string message, Exception? inner = null)
        : base(id, message, inner) { }

    /// <summary>The operating system's error number, or 0 where there is none.</summary>
    public int Errno { get; init; }
}
