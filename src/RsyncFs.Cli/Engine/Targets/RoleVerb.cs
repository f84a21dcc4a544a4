using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>A verb that changes what one target is: how it is done, what it would do, and what is told of it.</summary>
internal abstract class RoleVerb
{
    /// <summary>True if a session that has the target is to be ended for it.</summary>
    public virtual bool EndsSession => false;

    /// <summary>When programs are run before it and after it; null for none.</summary>
    public virtual (HookPoint? Before, HookPoint? After) HookPoints => (null, null);

    /// <summary>What to do about a sender that is at work.</summary>
    public virtual string BusyHint => "wait until it has ended";

    /// <summary>
    /// What the target would become; refuses what <see cref="Act"/> would refuse. Nothing is changed. That the device is
    /// free, and nobody at work on the target, has been seen to.
    /// </summary>
    /// <param name="record">What it is; null if it was never initialised.</param>
    /// <param name="devicePath">Its device.</param>
    /// <param name="held">It, if this process holds it.</param>
    /// <exception cref="Errors.RsyncFsException">It is not possible.</exception>
    public abstract TargetRecord Foresee(TargetRecord? record, string devicePath, IBlockDevice? held);

    /// <summary>True if there is something to do: programs are run before it. Refuses what is refused in any case, before a program gets the machine ready for it.</summary>
    /// <exception cref="Errors.RsyncFsException">It is not possible.</exception>
    public virtual bool IsToChange(TargetAccess access) => true;

    /// <summary>Does it; said again, does what an attempt that failed left undone.</summary>
    /// <exception cref="Errors.RsyncFsException">It is not possible, or did not succeed.</exception>
    public abstract TargetRecord Act(TargetAccess access);

    /// <summary>What is told of it.</summary>
    public abstract TargetChangeDocument Describe(RoleVerbResult result);
}
