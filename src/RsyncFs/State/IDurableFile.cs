namespace RsyncFs.State;

/// <summary>A state file, read and written at positions. Every call moves all of its bytes or throws.</summary>
public interface IDurableFile : IDisposable
{
    /// <summary>What a person calls it: a path.</summary>
    string Name { get; }

    /// <summary>Bytes of the file.</summary>
    long LengthBytes { get; }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offsetBytes"/> on.</summary>
    /// <exception cref="Errors.StateException">It could not be read, or the file ends before.</exception>
    void Read(long offsetBytes, Span<byte> buffer);

    /// <summary>Writes <paramref name="data"/> at <paramref name="offsetBytes"/>; a file that ends before grows. Durable only after <see cref="Flush"/>.</summary>
    /// <exception cref="Errors.StateException">It could not be written (a full disk, say). What the range holds is undefined.</exception>
    void Write(long offsetBytes, ReadOnlySpan<byte> data);

    /// <summary>Cuts the file, or grows it with zeros.</summary>
    /// <exception cref="Errors.StateException">The length is as it was.</exception>
    void SetLength(long lengthBytes);

    /// <summary>Takes room for <paramref name="lengthBytes"/> bytes on the disk now, so that writing below it can not fail for want of it; the file grows to it with zeros, and never shrinks.</summary>
    /// <exception cref="Errors.StateException">There is no room (<see cref="Errors.ErrorId.StateFull"/>), or it could not be taken. What the file held is as it was.</exception>
    void Allocate(long lengthBytes);

    /// <summary>Makes everything written to this file before durable.</summary>
    /// <exception cref="Errors.StateException">It is not durable, and a second flush that succeeds would prove nothing.</exception>
    void Flush();
}
