using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>A state directory in memory that never fails.</summary>
internal sealed class MemoryDirectory : IDurableDirectory
{
    private readonly Dictionary<string, MemoryFile> _files = new(StringComparer.Ordinal);

    /// <summary>What was removed, as it was then.</summary>
    public List<MemoryFile> Deleted { get; } = [];

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public long FreeBytes => 1L << 40;

    /// <summary>A directory with one file.</summary>
    public static MemoryDirectory Of(string name, ReadOnlySpan<byte> content)
    {
        var directory = new MemoryDirectory();
        directory._files[name] = MemoryFile.Of(name, content);
        return directory;
    }

    /// <summary>An equal directory that changes by itself. This one must not be written any more.</summary>
    public MemoryDirectory Copy()
    {
        var copy = new MemoryDirectory();
        foreach (var (name, file) in _files)
        {
            copy._files[name] = file.Copy();
        }

        return copy;
    }

    /// <summary>All bytes of the file <paramref name="name"/>.</summary>
    public byte[] ContentOf(string name) => _files[name].ReadAll();

    /// <inheritdoc/>
    public IReadOnlyList<string> List() => [.. _files.Keys.Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public bool Exists(string name) => _files.ContainsKey(name);

    /// <inheritdoc/>
    public IDurableFile Open(string name) =>
        _files.GetValueOrDefault(name) ?? throw new StateException(ErrorId.StateIo, $"no file {name}");

    /// <inheritdoc/>
    public IDurableFile Create(string name) => _files[name] = new MemoryFile(name);

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        _files[to] = _files[from];
        _files.Remove(from);
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        if (_files.Remove(name, out var file))
        {
            Deleted.Add(file);
        }
    }

    /// <inheritdoc/>
    public void Flush() { }

    /// <inheritdoc/>
    public IDurableDirectory OpenDirectory(string name) => throw new NotSupportedException();
}
