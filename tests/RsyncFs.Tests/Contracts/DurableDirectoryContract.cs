using RsyncFs.Errors;
using RsyncFs.State;
using Xunit;

namespace RsyncFs.Tests.Contracts;

/// <summary>What every <see cref="IDurableDirectory"/> and its files promise, crashes apart.</summary>
public abstract class DurableDirectoryContract
{
    /// <summary>An empty directory, the same one at every call of one test.</summary>
    protected abstract IDurableDirectory Directory { get; }

    [Fact]
    public void BeginsEmpty() => Assert.Empty(Directory.List());

    [Fact]
    public void ReadsBackWhatWasWrittenAtPositions()
    {
        using (var file = Directory.Create("a"))
        {
            file.Write(0, "hello"u8);
            file.Write(10, "world"u8);
            file.Write(1, "EL"u8);
            file.Flush();
        }

        Directory.Flush();
        Assert.Equal("hELlo\0\0\0\0\0world"u8.ToArray(), ReadAll("a"));
    }

    [Fact]
    public void RefusesToReadBehindTheEndOfAFile()
    {
        using var file = Directory.Create("a");
        file.Write(0, "hello"u8);
        var failure = Assert.Throws<StateException>(() => file.Read(3, new byte[3]));
        Assert.Equal(ErrorId.StateIo, failure.Id);
    }

    [Fact]
    public void CutsAndGrowsFilesWithZeros()
    {
        using var file = Directory.Create("a");
        file.Write(0, "hello"u8);
        file.SetLength(2);
        Assert.Equal(2, file.LengthBytes);
        file.SetLength(4);
        Assert.Equal("he\0\0"u8.ToArray(), ReadAll("a"));
    }

    [Fact]
    public void EmptiesAFileThatIsMadeAnew()
    {
        Write("a", "old and long"u8);
        Write("a", "new"u8);
        Assert.Equal("new"u8.ToArray(), ReadAll("a"));
    }

    [Fact]
    public void RefusesToOpenWhatIsNotThere()
    {
        Assert.Equal(ErrorId.StateIo, Assert.Throws<StateException>(() => Directory.Open("a")).Id);
        Assert.Throws<StateException>(() => Directory.Rename("a", "b"));
        Assert.Empty(Directory.List());
    }

    [Fact]
    public void ReplacesByRename()
    {
        Write("old", "1"u8);
        Write("new", "2"u8);
        Directory.Rename("new", "old");
        Directory.Flush();
        Assert.Equal(["old"], Directory.List());
        Assert.Equal("2"u8.ToArray(), ReadAll("old"));
    }

    [Fact]
    public void KeepsAFileThatIsRenamedToItself()
    {
        Write("a", "1"u8);
        Directory.Rename("a", "a");
        Assert.Equal("1"u8.ToArray(), ReadAll("a"));
    }

    [Fact]
    public void DeletesAndDoesNotMindWhatIsGone()
    {
        Write("a", "1"u8);
        Directory.Delete("a");
        Directory.Delete("a");
        Assert.False(Directory.Exists("a"));
    }

    [Fact]
    public void ListsInOrdinalOrderWithDirectories()
    {
        Write("b", "1"u8);
        Write("B", "1"u8);
        Write("a", "1"u8);
        Directory.OpenDirectory("c");
        Assert.Equal(["B", "a", "b", "c"], Directory.List());
    }

    [Fact]
    public void TellsFilesFromDirectories()
    {
        Write("file", "1"u8);
        Directory.OpenDirectory("directory");
        Assert.True(Directory.Exists("file"));
        Assert.False(Directory.Exists("directory"));
        Assert.False(Directory.Exists("nothing"));
    }

    [Fact]
    public void OpensADirectoryThatIsThere()
    {
        using (var file = Directory.OpenDirectory("d").Create("a"))
        {
            file.Write(0, "1"u8);
        }

        var again = Directory.OpenDirectory("d");
        Assert.Equal(["a"], again.List());
        Assert.Throws<StateException>(() => Directory.Open("d"));
    }

    [Fact]
    public void RefusesADirectoryWhereAFileIs()
    {
        Write("a", "1"u8);
        Assert.Throws<StateException>(() => Directory.OpenDirectory("a"));
    }

    [Fact]
    public void KeepsAnOpenFileWhenItsNameGoes()
    {
        using var file = Directory.Create("a");
        file.Write(0, "1"u8);
        Directory.Delete("a");
        var back = new byte[1];
        file.Read(0, back);
        Assert.Equal("1"u8.ToArray(), back);
    }

    [Fact]
    public void MovesLongPiecesWhole()
    {
        var data = new byte[3 * 1024 * 1024 + 17];
        new Random(1).NextBytes(data);
        using (var file = Directory.Create("a"))
        {
            file.Write(5, data);
        }

        Assert.Equal(data, ReadAll("a").AsSpan(5).ToArray());
    }

    private void Write(string name, ReadOnlySpan<byte> data)
    {
        using var file = Directory.Create(name);
        file.Write(0, data);
        file.Flush();
    }

    private byte[] ReadAll(string name)
    {
        using var file = Directory.Open(name);
        var data = new byte[file.LengthBytes];
        file.Read(0, data);
        return data;
    }
}
