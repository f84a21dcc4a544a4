using System.Text;
using RsyncFs.Linux.Native;
using RsyncFs.State;

namespace RsyncFs.Linux.Keys;

/// <summary>Small text files that are there as a whole or not at all.</summary>
internal static class WholeFile
{
    private const int ForAll = 0x1a4; // 0644

    /// <summary>Durably gives <paramref name="name"/> this text.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="text">Its text.</param>
    /// <param name="isForAll">True if everybody may read it; else its owner alone.</param>
    /// <exception cref="Errors.StateException">The old text or the new one is there.</exception>
    public static void Write(IDurableDirectory directory, string name, string text, bool isForAll)
    {
        var temporary = name + ".new";
        using (var file = directory.Create(temporary))
        {
            file.Write(0, Encoding.UTF8.GetBytes(text));
            if (isForAll)
            {
                MakeReadable(Path.Combine(directory.Name, temporary));
            }

            file.Flush();
        }

        directory.Rename(temporary, name);
        directory.Flush();
    }

    private static void MakeReadable(string path)
    {
        var errno = NativeFile.ErrnoOf(LibC.ChangeMode(path, ForAll));
        if (errno != 0)
        {
            throw LinuxError.State("chmod", path, errno);
        }
    }
}
