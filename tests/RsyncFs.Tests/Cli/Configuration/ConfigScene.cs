using RsyncFs.Cli.Configuration;
using RsyncFs.Errors;

namespace RsyncFs.Tests.Cli.Configuration;

/// <summary>Files of a configuration in a directory of their own.</summary>
internal sealed class ConfigScene : IDisposable
{
    /// <summary>A key as others print it.</summary>
    public const string Key = "rfk1:O/7nhwSUcNUH/klrqFXN02R9HkbPwY5v4k/tt3s0Vpg=";

    /// <summary>A configuration with one job, as short as it can be.</summary>
    public const string Small = """
        version: 1
        jobs:
          - name: db01
            device: /dev/vg0/db01
            to: [/backup/db01.img]

        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("rsyncfs-config-").FullName;

    /// <summary>The first file.</summary>
    public string Path => System.IO.Path.Combine(_directory, "rsyncfs.yaml");

    /// <summary>Puts it there.</summary>
    public void Write(string text) => File.WriteAllText(Path, text);

    /// <summary>Puts another beside it.</summary>
    public void WriteMore(string name, string text)
    {
        var more = Directory.CreateDirectory(System.IO.Path.Combine(_directory, "conf.d"));
        File.WriteAllText(System.IO.Path.Combine(more.FullName, name), text);
    }

    /// <summary>Reads them.</summary>
    public Config Load() => Config.Load(Path);

    /// <summary>What is wrong with them, a line each: the file's name, line and column, the message.</summary>
    public IReadOnlyList<string> Faults()
    {
        try
        {
            Load();
            return [];
        }
        catch (ConfigException wrong)
        {
            return
            [
                .. wrong.Errors.Select(error =>
                    $"{error.Where!.Replace($"{_directory}/", "", StringComparison.Ordinal)} {error.Message}"
                ),
            ];
        }
        catch (RsyncFsException missing)
        {
            return [missing.Message];
        }
    }

    /// <summary>Removes them.</summary>
    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
