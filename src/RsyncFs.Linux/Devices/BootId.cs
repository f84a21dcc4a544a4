namespace RsyncFs.Linux.Devices;

/// <summary>The name of this boot: another one after each start of the kernel (proc_sys_kernel(5), random/boot_id).</summary>
internal static class BootId
{
    public static string Read() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
