using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Tests.Laboratory;

/// <summary>A file of a <see cref="SimulatedDurableDirectory"/>.</summary>
internal sealed class SimulatedDurableFile(
    VolatileBytes bytes,
    SimulatedDurableDirectory directory,
    Chance chance,
    string path
) : IDurableFile
{
    private readonly Faults _faults = directory.Faults;

    public string Name => path;

    public long LengthBytes
    {
        get
        {
            lock (_faults.Gate)
            {
                return bytes.Length;
            }
        }
    }

    public void Read(long offsetBytes, Span<byte> buffer)
    {
        lock (_faults.Gate)
        {
            BeginOrThrow(OperationKind.FileRead, offsetBytes, buffer.Length, takesRoom: false);
            if (offsetBytes + buffer.Length > bytes.Length)
            {
                throw new StateException(ErrorId.StateIo, "the file ended") { Where = path };
            }

            bytes.Read(offsetBytes, buffer);
        }
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        lock (_faults.Gate)
        {
            var endBytes = offsetBytes + data.Length;
            var fate = Begin(
                OperationKind.FileWrite,
                offsetBytes,
                data.Length,
                endBytes > bytes.ReservedBytes,
                data
            );
            if (fate == Fate.Succeeds && !HasRoomFor(endBytes))
            {
                fate = Fate.FindsNoRoom;
            }

            switch (fate)
            {
                case Fate.Succeeds:
                    bytes.Write(offsetBytes, data);
                    return;
                case Fate.FailsHalfway or Fate.FindsNoRoom:
                    bytes.Write(offsetBytes, data[..chance.Below(data.Length + 1)]);
                    throw _faults.StateError(fate, "write", path);
                case Fate.IsLost:
                    return;
                case Fate.GoesAstray:
                    bytes.WriteAstray(data, chance);
                    return;
                default:
                    throw _faults.StateError(fate, "write", path);
            }
        }
    }

    public void SetLength(long lengthBytes)
    {
        lock (_faults.Gate)
        {
            BeginOrThrow(OperationKind.FileSetLength, 0, lengthBytes, lengthBytes > bytes.UsedBytes);
            bytes.SetLength(lengthBytes);
        }
    }

    public void Allocate(long lengthBytes)
    {
        lock (_faults.Gate)
        {
            BeginOrThrow(OperationKind.FileAllocate, 0, lengthBytes, lengthBytes > bytes.ReservedBytes);
            if (!HasRoomFor(lengthBytes))
            {
                throw _faults.StateError(Fate.FindsNoRoom, "allocate", path);
            }

            if (lengthBytes > bytes.Length)
            {
                bytes.SetLength(lengthBytes);
            }

            bytes.ReservedBytes = Math.Max(bytes.ReservedBytes, lengthBytes);
        }
    }

    public void Flush()
    {
        lock (_faults.Gate)
        {
            // Room for what was not allocated may be found missing only now.
            switch (Begin(OperationKind.FileFlush, 0, 0, bytes.Length > bytes.ReservedBytes, []))
            {
                case Fate.Succeeds:
                    bytes.Flush();
                    return;
                case var fate and (Fate.FailsHalfway or Fate.FindsNoRoom) when !_faults.IsDown:
                    bytes.FailFlush(chance, mayDeceive: true);
                    throw _faults.StateError(fate, "flush", path);
                case var fate:
                    throw _faults.StateError(fate, "flush", path);
            }
        }
    }

    public void Dispose() { }

    private bool HasRoomFor(long endBytes) =>
        endBytes <= bytes.UsedBytes || endBytes - bytes.UsedBytes <= directory.FreeBytes;

    private Fate Begin(
        OperationKind kind,
        long offsetBytes,
        long lengthBytes,
        bool takesRoom,
        ReadOnlySpan<byte> data
    ) =>
        _faults.Next(
            new Operation
            {
                Kind = kind,
                Where = path,
                OffsetBytes = offsetBytes,
                LengthBytes = lengthBytes,
                Data = data,
                TakesRoom = takesRoom,
            }
        );

    private void BeginOrThrow(OperationKind kind, long offsetBytes, long lengthBytes, bool takesRoom)
    {
        if (Begin(kind, offsetBytes, lengthBytes, takesRoom, []) is var fate and not Fate.Succeeds)
        {
            throw _faults.StateError(fate, kind.ToString(), path);
        }
    }
}
