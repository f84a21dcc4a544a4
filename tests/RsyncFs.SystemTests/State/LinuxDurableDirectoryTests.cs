using RsyncFs.Errors;
using RsyncFs.Linux.State;
using RsyncFs.State;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests.Contracts;
using Xunit;

namespace RsyncFs.SystemTests.State;

public sealed class LinuxDurableDirectoryTests : DurableDirectoryContract, IDisposable
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory _temporary = new();

    public LinuxDurableDirectoryTests()
    {
        Directory = LinuxDurableDirectory.OpenRoot(_temporary.At("made/on/the way"));
    }

    protected override IDurableDirectory Directory { get; }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void MakesFilesAndDirectoriesForTheirOwnerOnly()
    {
        Directory.Create("file").Dispose();
        var below = Directory.OpenDirectory("directory");
        Assert.Equal(OwnerReadsAndWrites, File.GetUnixFileMode($"{Directory.Name}/file"));
        Assert.Equal(OwnerReadsAndWrites | UnixFileMode.UserExecute, File.GetUnixFileMode(below.Name));
    }

    /// <summary>Taken for missing, a state would be made anew, and its journal thrown away.</summary>
    [Fact]
    public void WhatCanNotBeLookedAtIsNotTakenForMissing()
    {
        Assert.False(Directory.Exists("state"));
        File.CreateSymbolicLink($"{Directory.Name}/state", "state");
        var failure = Assert.Throws<StateException>(() => Directory.Exists("state"));
        Assert.Equal(ErrorId.StateIo, failure.Id);
    }

    [Fact]
    public void RefusesNamesThatLeadElsewhere()
    {
        foreach (var name in (string[])["", ".", "..", "../a", "a/b", "/etc/passwd", "a\0b"])
        {
            Assert.Throws<ArgumentException>(() => Directory.Create(name));
            Assert.Throws<ArgumentException>(() => Directory.Delete(name));
            Assert.Throws<ArgumentException>(() => Directory.OpenDirectory(name));
            Assert.Throws<ArgumentException>(() => Directory.Rename("a", name));
        }
    }

    [Fact]
    public void SaysWhatToDoAboutAFullDisk()
    {
        using var full = TemporaryDirectory.OnTmpfs(64 * 1024);
        var directory = LinuxDurableDirectory.OpenRoot(full.At("state"));
        using var file = directory.Create("journal");
        var failure = Assert.Throws<StateException>(() => file.Write(0, new byte[1024 * 1024]));
        Assert.Equal(ErrorId.StateFull, failure.Id);
        Assert.Contains("ENOSPC", failure.Cause, StringComparison.Ordinal);
        Assert.Contains("free space", failure.Hint, StringComparison.Ordinal);
        Assert.Contains("journal, 1048576 bytes at offset 0", failure.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void RefusesAFileWhereTheDirectoryShouldBe()
    {
        File.WriteAllText(_temporary.At("file"), "");
        var failure = Assert.Throws<StateException>(() =>
            LinuxDurableDirectory.OpenRoot(_temporary.At("file"))
        );
        Assert.Contains("ENOTDIR", failure.Cause, StringComparison.Ordinal);
    }
}
