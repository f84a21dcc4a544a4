using RsyncFs.Errors;
using RsyncFs.Protocol;

namespace RsyncFs.Access;

/// <summary>Who is at the other end of a session, and what that may do here. Asked again at each step: rights may be taken away meanwhile.</summary>
public sealed class Caller
{
    private readonly Func<string, Rights> _rightsOn;

    private Caller(string? name, KeyFingerprint? key, Func<string, Rights> rightsOn)
    {
        Name = name;
        Key = key;
        _rightsOn = rightsOn;
    }

    /// <summary>Whoever reached this end in a way for which no key is needed: from this machine, or over a line that a person called safe.</summary>
    public static Caller WithoutKey { get; } =
        new(null, null, _ => Rights.Write | Rights.Verify | Rights.Init);

    /// <summary>Whoever has not said yet who it is: nothing is allowed.</summary>
    public static Caller Unknown { get; } = new(null, null, _ => Rights.None);

    /// <summary>What it is called here; null for one that came without a key, or with one that nobody knows.</summary>
    public string? Name { get; }

    /// <summary>The key that it has proven to have, known or not; null if it showed none.</summary>
    public KeyFingerprint? Key { get; }

    /// <summary>The owner of a key that nobody knows: nothing is allowed.</summary>
    public static Caller Stranger(KeyFingerprint? key) => new(null, key, _ => Rights.None);

    /// <summary>One that is known.</summary>
    /// <param name="name">What it is called here.</param>
    /// <param name="rightsOn">What it may do with a target, now.</param>
    /// <param name="key">Its key, if that is by what it is known.</param>
    public static Caller Of(string name, Func<string, Rights> rightsOn, KeyFingerprint? key = null) =>
        new(name, key, rightsOn);

    /// <summary>True if it may make a first copy on <paramref name="target"/>, as far as its key is asked.</summary>
    public bool MayInit(string target) => _rightsOn(target).HasFlag(Rights.Init);

    /// <summary>What to say to it if it would make a first copy on <paramref name="target"/>; null if it may.</summary>
    public RefusedException? RefusalOfInit(string target) =>
        MayInit(target) ? null : Denied(target, Rights.Init);

    /// <summary>True if it may do <paramref name="purpose"/> with <paramref name="target"/>.</summary>
    public bool May(string target, Purpose purpose)
    {
        var needed = purpose == Purpose.Replicate ? Rights.Write : Rights.Write | Rights.Verify;
        return (_rightsOn(target) & needed) != Rights.None;
    }

    /// <summary>Lets it pass, or refuses it: alike whether there is such a target or not.</summary>
    /// <exception cref="RefusedException">It has not the right.</exception>
    public void Demand(string target, Purpose purpose)
    {
        if (!May(target, purpose))
        {
            throw Denied(target, purpose == Purpose.Replicate ? Rights.Write : Rights.Verify);
        }
    }

    /// <summary>The error for a right that it has not.</summary>
    private RefusedException Denied(string target, Rights missing) =>
        new(ErrorId.AccessDenied, $"the sender has no right '{RightsText.Print(missing)}' on the target")
        {
            Where = target,
            Cause = $"the receiver knows it as {Name}, and nothing is allowed that is not said",
            Hint =
                $"on the receiver: rsyncfs peer allow {Name} {target}={RightsText.Print(missing | _rightsOn(target))}"
                + (
                    missing == Rights.Write && !_rightsOn(target).HasFlag(Rights.Init)
                        ? "; for a first copy 'init', too"
                        : ""
                ),
        };
}
