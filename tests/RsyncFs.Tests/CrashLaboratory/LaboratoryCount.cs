namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>What was done so far.</summary>
internal sealed class LaboratoryCount
{
    /// <summary>Machines that crashed, or failed a call, and were recovered and looked at.</summary>
    public long States { get; set; }

    /// <summary>Cases.</summary>
    public long Cases { get; set; }

    /// <summary>Operations of the engine.</summary>
    public long Operations { get; set; }

    /// <summary>Adds what was done elsewhere.</summary>
    public void Add(LaboratoryCount other)
    {
        States += other.States;
        Cases += other.Cases;
        Operations += other.Operations;
    }
}
