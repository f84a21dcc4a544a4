namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// A receiver's machine: one target device and one directory of state. It can be copied whole at any moment, so that
/// one run of a story gives a crash at each of its operations.
/// </summary>
internal sealed class SimulatedMachine
{
    /// <summary>A machine with a device of zeros and no state.</summary>
    /// <param name="deviceBytes">Bytes of the device.</param>
    /// <param name="seed">Decides what a call that fails leaves behind.</param>
    /// <param name="hasPageCache">See <see cref="SimulatedBlockDevice.HasPageCache"/>.</param>
    public SimulatedMachine(int deviceBytes, ulong seed, bool hasPageCache = false)
    {
        Faults = new Faults();
        Device = new SimulatedBlockDevice(deviceBytes, Faults, (int)seed, name: "device")
        {
            StableId = "serial 1",
            HasPageCache = hasPageCache,
        };
        State = new SimulatedDurableDirectory(Faults, (int)seed + 1, "state");
    }

    private SimulatedMachine(SimulatedMachine original)
    {
        Faults = new Faults();
        Device = original.Device.CopyTo(Faults);
        State = original.State.CopyTo(Faults);
    }

    /// <summary>Decides which of its calls fail, and lets them be observed.</summary>
    public Faults Faults { get; }

    public SimulatedBlockDevice Device { get; }

    public SimulatedDurableDirectory State { get; }

    /// <summary>An equal machine, caches and all, on which everything works and nobody looks on.</summary>
    public SimulatedMachine Copy()
    {
        lock (Faults.Gate)
        {
            return new SimulatedMachine(this);
        }
    }

    /// <summary>The power goes and comes back. What was opened before is to be forgotten.</summary>
    public void Crash(Chance chance)
    {
        Faults.Restart();
        Device.Crash(chance);
        State.Crash(chance);
    }
}
