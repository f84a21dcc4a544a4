using System.Text;
using RsyncFs.State;

namespace RsyncFs.Linux.Keys;

/// <summary>Small text files that are there as a whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>Durably gives <paramref name="name"/> this text, readable by its owner only.</summary>
    /// <exception cref="Errors.StateException">The old text or the new one is there.</exception>
    public static void Write(IDurableDirectory directory, string name, string text)
    {
        var temporary = name + ".new";
        using (var file = directory.Create(temporary))
        {
            file.Write(0, Encoding.UTF8.GetBytes(text));
            file.Flush();
        }

        directory.Rename(temporary, name);
        directory.Flush();
    }
}
