namespace RsyncFs.SystemTests.Fixtures;

/// <summary>These tests need the superuser: they make loop devices and mounts. They fail without, and never skip.</summary>
public static class Root
{
    /// <summary>Fails, saying why, unless the process runs as root.</summary>
    public static void Require()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException(
                "RsyncFs.SystemTests make loop devices and mounts: run them as root (sudo dotnet test ...)"
            );
        }
    }
}
