namespace RsyncFs.Linux.Devices;

/// <summary>What tells this machine from others, whatever it is called (machine-id(5)).</summary>
public static class MachineId
{
    /// <summary>The id, or the machine's name where there is none.</summary>
    public static string Read()
    {
        try
        {
            return File.ReadAllText("/etc/machine-id").Trim();
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return Environment.MachineName;
        }
    }
}
