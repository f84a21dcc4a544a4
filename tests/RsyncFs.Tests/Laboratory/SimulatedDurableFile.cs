using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Tests.Laboratory;

/// <summary>A file of a <see cref="SimulatedDurableDirectory"/>.</summary>
internal sealed class SimulatedDurableFile(VolatileBytes bytes, Faults faults, Random chance, string path)
    : IDurableFile
{
    public string Name => path;

    public long LengthBytes
    {
        get
        {
            lock (faults)
            {
                return bytes.Length;
            }
        }
    }

    public void Read(long offsetBytes, Span<byte> buffer)
    {
        lock (faults)
        {
            if (faults.Next() != Fate.Succeeds)
            {
                throw faults.StateError("read", path);
            }

            if (offsetBytes + buffer.Length > bytes.Length)
            {
                throw new StateException(ErrorId.StateIo, "the file ended") { Where = path };
            }

            bytes.Read(offsetBytes, buffer);
        }
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        lock (faults)
        {
            switch (faults.Next())
            {
                case Fate.Succeeds:
                    bytes.Write(offsetBytes, data);
                    return;
                case Fate.FailsHalfway:
                    bytes.Write(offsetBytes, data[..chance.Next(data.Length + 1)]);
                    throw faults.StateError("write", path);
                default:
                    throw faults.StateError("write", path);
            }
        }
    }

    public void SetLength(long lengthBytes)
    {
        lock (faults)
        {
            if (faults.Next() != Fate.Succeeds)
            {
                throw faults.StateError("set length", path);
            }

            bytes.SetLength((int)lengthBytes);
        }
    }

    public void Allocate(long lengthBytes)
    {
        lock (faults)
        {
            if (faults.Next() != Fate.Succeeds)
            {
                throw faults.StateError("allocate", path);
            }

            if (lengthBytes > bytes.Length)
            {
                bytes.SetLength((int)lengthBytes);
            }
        }
    }

    public void Flush()
    {
        lock (faults)
        {
            switch (faults.Next())
            {
                case Fate.Succeeds:
                    bytes.Flush();
                    return;
                case Fate.FailsHalfway when !faults.IsDown:
                    bytes.Crash(chance);
                    throw faults.StateError("flush", path);
                default:
                    throw faults.StateError("flush", path);
            }
        }
    }

    public void Dispose() { }
}
