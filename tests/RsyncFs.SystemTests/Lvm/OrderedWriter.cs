using System.Buffers.Binary;
using RsyncFs.Linux.Devices;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>Writes 1, 2, 3, ... to the first sector of each volume in turn, each durably before the next.</summary>
internal sealed class OrderedWriter : IDisposable
{
    private readonly Thread _thread;
    private long _count;
    private volatile bool _isStopped;

    public OrderedWriter(IReadOnlyList<string> volumes)
    {
        _thread = new Thread(() =>
        {
            while (!_isStopped)
            {
                var next = Count + 1;
                foreach (var volume in volumes)
                {
                    Put(volume, next);
                }

                Interlocked.Exchange(ref _count, next);
            }
        });
        _thread.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public static void Put(string volume, long number)
    {
        var sector = new byte[512];
        BinaryPrimitives.WriteInt64LittleEndian(sector, number);
        using var device = LinuxBlockDevice.OpenTarget(volume);
        device.Write(0, sector);
        device.Flush();
    }

    public static long Get(string volume)
    {
        var sector = new byte[512];
        using var device = LinuxBlockDevice.OpenSource(volume);
        device.Read(0, sector);
        return BinaryPrimitives.ReadInt64LittleEndian(sector);
    }

    public long Stop()
    {
        _isStopped = true;
        _thread.Join();
        return Count;
    }

    public void Dispose() => Stop();
}
