using System.Text.Json;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary><c>rsyncfs doctor</c> with real volumes of LVM.</summary>
[Collection(VolumeGroup.Collection)]
public sealed class DoctorLvmTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;

    private static readonly RsyncFsProgram Program = new();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>C18: under the source's lock, its own, and what its state does not remember.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ASnapshotThatAKilledRunLeftIsListedAndRemovedByFixAlone(bool isThin)
    {
        using var group = new VolumeGroup();
        var source = group.Make("v", isThin);
        var target = group.Make("copy", isThin: false);
        new RandomContent(1).WriteTo(source, 0, 4 * MiB);
        await Program.RunOkAsync(Line(source, target, "--force"));
        var kept = Assert.Single(group.SnapshotsOf("v"));
        string[] foreign = ["mine", "rsyncfs-0123456789ab"];
        foreach (var name in foreign)
        {
            string[] size = isThin ? [] : ["-L", "16m"];
            Command.Run(
                "lvcreate",
                ["-q", "-y", "-s", .. size, "-n", name, "--addtag", "rsyncfs", $"{group.Name}/v"]
            );
        }

        await using var run = Program.Start(Line(source, target));
        await Poll.UntilAsync(() => group.SnapshotsOf("v").Count == foreign.Length + 2);
        run.Signal("STOP");
        var orphan = group.SnapshotsOf("v").Except([kept, .. foreign]).Single();

        // A run that is at work needs its own.
        var meanwhile = await DoctorAsync(0, "--fix");
        Assert.DoesNotContain(meanwhile, found => Is(found, "orphan-snapshot"));
        Assert.Contains(orphan, group.SnapshotsOf("v"));

        run.Kill();
        await run.WaitAsync();
        var found = await DoctorAsync(10);
        Assert.Equal($"{group.Name}/{orphan}", Where(found.Single(one => Is(one, "orphan-snapshot"))));
        Assert.Equal(
            foreign.Select(name => $"{group.Name}/{name}").Order(StringComparer.Ordinal),
            found.Where(one => Is(one, "foreign-snapshot")).Select(Where).Order(StringComparer.Ordinal)
        );
        Assert.Equal(foreign.Length + 2, group.SnapshotsOf("v").Count);

        Assert.True(
            (await DoctorAsync(0, "--fix"))
                .Single(one => Is(one, "orphan-snapshot"))
                .GetProperty("fixed")
                .GetBoolean()
        );
        Assert.Equal(
            [.. foreign.Append(kept).Order(StringComparer.Ordinal)],
            group.SnapshotsOf("v").Order(StringComparer.Ordinal)
        );
        Assert.Equal("tracked", (await SyncAsync(source, target)).Plan);
    }

    [Fact]
    public async Task HeldMetadataOfAPoolIsReleasedOnlyIfItIsNotedAsOurs()
    {
        using var group = new VolumeGroup();
        _ = group.Make("v", isThin: true);
        var mapped = $"{group.Name.Replace("-", "--", StringComparison.Ordinal)}-pool-tpool";
        Command.Run("dmsetup", "message", mapped, "0", "reserve_metadata_snap");

        Assert.Contains(
            "release_metadata_snap",
            Hint(Assert.Single(await DoctorAsync(10, "--fix"))),
            StringComparison.Ordinal
        );
        Assert.True(IsHeld(mapped));

        var uuid = Command.Run("lvs", "--noheadings", "-o", "lv_uuid", $"{group.Name}/pool").Trim();
        var place = Directory.CreateDirectory($"/run/rsyncfs-lvm/pool-{uuid}").FullName;
        File.WriteAllText(Path.Combine(place, "held"), "");
        Assert.True(Is(Assert.Single(await DoctorAsync(10)), "metadata-held"));
        Assert.True(IsHeld(mapped));
        Assert.True(Assert.Single(await DoctorAsync(0, "--fix")).GetProperty("fixed").GetBoolean());
        Assert.False(IsHeld(mapped));
        Assert.Empty(await DoctorAsync(0));

        // A note that says what is not so would let a later run release another program's.
        File.WriteAllText(Path.Combine(place, "held"), "");
        Assert.Single(await DoctorAsync(0, "--fix"));
        Assert.False(File.Exists(Path.Combine(place, "held")));
    }

    [Fact]
    public async Task ASuspendedVolumeIsListedAndLeftSo()
    {
        using var group = new VolumeGroup();
        _ = group.Make("v", isThin: false);
        var mapped = $"{group.Name.Replace("-", "--", StringComparison.Ordinal)}-v";
        Command.Run("dmsetup", "suspend", mapped);
        try
        {
            var found = Assert.Single(await DoctorAsync(10, "--fix"));
            Assert.Equal(
                ("suspended", mapped, $"dmsetup resume {mapped}"),
                (Id(found), Where(found), Hint(found))
            );
            Assert.Single(await DoctorAsync(10));
        }
        finally
        {
            Command.Run("dmsetup", "resume", mapped);
        }

        Assert.Empty(await DoctorAsync(0));
    }

    private static bool IsHeld(string mapped) =>
        Command.Run("dmsetup", "status", mapped).Split(' ')[6] is not "-";

    private static bool Is(JsonElement found, string id) =>
        string.Equals(Id(found), id, StringComparison.Ordinal);

    private static string Id(JsonElement found) => found.GetProperty("id").GetString()!;

    private static string Where(JsonElement found) => found.GetProperty("where").GetString()!;

    private static string Hint(JsonElement found) => found.GetProperty("hint").GetString()!;

    private string[] Line(string source, string target, params string[] options) =>
        ["sync", source, target, "--json", "--state", _directory.At("state"), .. options];

    private async Task<RunSummary> SyncAsync(string source, string target) =>
        new(RunEvents.Of(await Program.RunOkAsync(Line(source, target)), "summary").Single());

    private async Task<IReadOnlyList<JsonElement>> DoctorAsync(int exitCode, params string[] options)
    {
        var result = await Program.RunAsync([
            "doctor",
            "--json",
            "--state",
            _directory.At("state"),
            .. options,
        ]);
        output.WriteLine(result.ToString());
        Assert.True(result.ExitCode == exitCode, result.ToString());
        return RunEvents.Of(result, "finding");
    }
}
