namespace RsyncFs.State;

/// <summary>
/// A directory of state files. What a call changes here is durable only after <see cref="Flush"/>; what is written
/// to a file, only after that file's own flush.
/// </summary>
public interface IDurableDirectory
{
    /// <summary>What a person calls it: a path.</summary>
    string Name { get; }

    /// <summary>Bytes that files in it can still take, as far as this process may use them.</summary>
    /// <exception cref="Errors.StateException">The system could not say.</exception>
    long FreeBytes { get; }

    /// <summary>The names of the files and directories in it, in ordinal order.</summary>
    /// <exception cref="Errors.StateException">It could not be read.</exception>
    IReadOnlyList<string> List();

    /// <summary>True if a file of that name is there.</summary>
    /// <exception cref="Errors.StateException">That can not be told.</exception>
    bool Exists(string name);

    /// <summary>Opens the file <paramref name="name"/>, which must exist.</summary>
    /// <exception cref="Errors.StateException">It does not exist or could not be opened.</exception>
    IDurableFile Open(string name);

    /// <summary>Makes the file <paramref name="name"/> anew and empty; one that was there is emptied.</summary>
    /// <exception cref="Errors.StateException">It could not be made.</exception>
    IDurableFile Create(string name);

    /// <summary>Gives <paramref name="from"/> the name <paramref name="to"/> in one step, replacing what had that name.</summary>
    /// <exception cref="Errors.StateException">Both names are as they were.</exception>
    void Rename(string from, string to);

    /// <summary>Removes the file <paramref name="name"/>; one that is not there is no error.</summary>
    /// <exception cref="Errors.StateException">It is still there.</exception>
    void Delete(string name);

    /// <summary>Makes creations, renames and removals durable.</summary>
    /// <exception cref="Errors.StateException">They may not be durable.</exception>
    void Flush();

    /// <summary>The directory <paramref name="name"/> inside this one, made (mode 0700) if missing.</summary>
    /// <exception cref="Errors.StateException">It could not be made.</exception>
    IDurableDirectory OpenDirectory(string name);
}
