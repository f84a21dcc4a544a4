using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using Xunit;

namespace RsyncFs.Tests.Cli.Targets;

public sealed class TargetPrinterTests
{
    private static readonly OutputSettings Text = new(Json: false, ProgressStyle.Auto, Quiet: false, 0);

    [Fact]
    public void AListIsATableWithWhatMustNotBeOverlookedWrittenLarge()
    {
        Assert.Equal(
            """
            TARGET            STATE       GENERATION  DATA-AGE  EPOCH  DEVICE
            db01              consistent  g1f2e3d4c   7.0s      3      /dev/vgdr/db01
            mail              DIRECT      g0f2e3d4c   1d2h      1      /dev/vgdr/mail
            new               empty       -           -         -      /dev/vgdr/new
            /backup/db01.img  UNREADABLE  -           -         -      /backup/db01.img

            """,
            Print(Documents.List, Text).Output
        );
        var nothing = Documents.List with { Targets = [] };
        var printed = Print(nothing, Text);
        Assert.Equal(("", "rsyncfs: no targets in /var/lib/rsyncfs\n"), (printed.Output, printed.Error));
        Assert.Empty(Print(nothing, Text with { Quiet = true }).Error);
    }

    [Fact]
    public void ASheetHasEverything() =>
        Assert.Equal(
            """
            db01: consistent, one whole generation
              served      yes, web1 (10.20.0.1:51234) is at work
              generation  1f2e3d4c00004000800000000000cafe
              parent      0f2e3d4c00004000800000000000cafe
              ancestors   g0a2e3d4c
              data of     2026-09-24T10:15:00Z, 7.0s ago
              epoch       3
              since       2026-09-22T10:15:00Z
              volume      9e9d6038125490cb6028391cda8dfe63, xxh128, blocks of 64.0 KiB
              device      /dev/vgdr/db01
              device id   dm/uuid:LVM-abc
              size        53687091200 bytes (50.0 GiB)
              journal     none
              map         16.0 MiB, of g1f2e3d4c
              state in    /var/lib/rsyncfs/targets/db01
              content     ext4 (UUID eb976d09-33c0-4b01-9ca9-4e052cea40af)
              WARNING     /dev/sdc on this machine bears the same identity: mount, activate or assemble neither by UUID
              to keep this host away from the content:
                # /etc/udev/rules.d/60-rsyncfs-db01.rules   then: udevadm control --reload
                ACTION!="remove", ...
                # /etc/lvm/lvm.conf, section devices; the names are those of now, so say it again when they change
                global_filter = [ "r|^/dev/vgdr/db01$|", "a|.*|" ]
                # /etc/mdadm/mdadm.conf   then: update-initramfs -u
                AUTO -all

            """,
            Print(Documents.Show, Text).Output
        );

    [Fact]
    public void ASheetSaysHowMuchOfATransferArrived()
    {
        const string Interrupted = "0b2e3d4c00004000800000000000cafe";
        var journal = new InterruptedEntry(Interrupted, Records: 128, Bytes: 8454144);
        var show = Documents.Show with { JournalBytes = 16777216, Interrupted = journal };
        Assert.Contains(
            "\n  interrupted 8.1 MiB of g0b2e3d4c arrived so far\n",
            Print(show, Text).Output,
            StringComparison.Ordinal
        );
        var alone = show with { Target = show.Target with { Peer = null } };
        Assert.Contains(
            "\n  interrupted 8.1 MiB of g0b2e3d4c arrived; the next sync goes on with it if its source is as it was\n",
            Print(alone, Text).Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "\n  journal     16.0 MiB, of an interrupted transfer\n",
            Print(alone, Text).Output,
            StringComparison.Ordinal
        );
        var firstCopy = alone with { Interrupted = journal with { Bytes = null } };
        Assert.Contains(
            "\n  interrupted 128 blocks and runs of zeros of g0b2e3d4c arrived; ",
            Print(firstCopy, Text).Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "\"interrupted\":{\"generation\":\"0b2e3d4c00004000800000000000cafe\",\"records\":128},",
            PrintJson(firstCopy),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("direct", "INCONSISTENT")]
    [InlineData("initializing", "INCONSISTENT")]
    [InlineData("diverged", "DIVERGED")]
    [InlineData("faulted", "FAULTED")]
    public void ASheetOfATargetThatIsNotWholeBeginsLoudly(string status, string word)
    {
        var show = Documents.Show with { Target = Documents.Consistent with { Status = status } };
        Assert.StartsWith($"db01: {status}, {word}: ", Print(show, Text).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryStatusIsExplained() =>
        Assert.All(
            Enum.GetValues<TargetStatus>().Select(TargetStatusText.Word),
            word => Assert.NotEqual(word, TargetStatusText.Explain(word))
        );

    [Fact]
    public void AChangeIsOneLineForScriptsAndNotesForPeople()
    {
        var printed = Print(Documents.Promoted, Text);
        Assert.Equal(
            "db01: promoted device=/dev/vgdr/db01 generation=g1f2e3d4c data_time=2026-09-24T10:15:00Z loss<=7.0s epoch=4 was=consistent\n",
            printed.Output
        );
        Assert.Equal(
            "rsyncfs: warning: mind this\nrsyncfs: next, here, when the old primary is back: rsyncfs target reverse db01\n",
            printed.Error
        );
    }

    [Fact]
    public void ADryRunSaysWhatWouldBeAndADemoteHowMuchWasWritten()
    {
        var demoted = new TargetChangeDocument
        {
            Verb = "demote",
            Target = "db01",
            Status = "demoted",
            DryRun = true,
            ChangedBlocks = 51,
            TotalBlocks = 1024,
            Next = [new NextCommand("old primary", "rsyncfs serve")],
        };
        var printed = Print(demoted, Text);
        Assert.Equal("db01: would be demoted written=51/1024 blocks\n", printed.Output);
        Assert.Equal("rsyncfs: next would be, on the old primary: rsyncfs serve\n", printed.Error);
    }

    [Fact]
    public void QuietSaysNothingOfAChange()
    {
        var printed = Print(Documents.Promoted, Text with { Quiet = true });
        Assert.Equal(("", ""), (printed.Output, printed.Error));
    }

    [Fact]
    public void JsonIsOneDocumentWithStableFields()
    {
        Assert.Equal(
            """{"type":"target_list","v":1,"state_directory":"/var/lib/rsyncfs","targets":[{"name":"db01","local":false,"served":true,"peer":"web1 (10.20.0.1:51234)","status":"consistent","inconsistent":false,"generation":"1f2e3d4c00004000800000000000cafe","data_time":"2026-09-24T10:15:00Z","data_age_seconds":7,"epoch":3,"device":"/dev/vgdr/db01"}]}"""
                + "\n",
            PrintJson(Documents.List with { Targets = [Documents.Consistent] })
        );
        Assert.Equal(
            """{"type":"target","v":1,"target":{"name":"db01","local":false,"served":true,"peer":"web1 (10.20.0.1:51234)","status":"consistent","inconsistent":false,"generation":"1f2e3d4c00004000800000000000cafe","data_time":"2026-09-24T10:15:00Z","data_age_seconds":7,"epoch":3,"device":"/dev/vgdr/db01"},"state_directory":"/var/lib/rsyncfs/targets/db01","parent":"0f2e3d4c00004000800000000000cafe","ancestors":["0f2e3d4c00004000800000000000cafe","0a2e3d4c00004000800000000000cafe"],"fuzzy":false,"highest_epoch":3,"changed_at":"2026-09-22T10:15:00Z","volume":{"id":"9e9d6038125490cb6028391cda8dfe63","hash":"xxh128","block_size":65536},"size":53687091200,"device_id":"dm/uuid:LVM-abc","map_bytes":16781312,"map_generation":"1f2e3d4c00004000800000000000cafe","guards":{"signature":"ext4 (UUID eb976d09-33c0-4b01-9ca9-4e052cea40af)","duplicates":["/dev/sdc"],"udev_file":"/etc/udev/rules.d/60-rsyncfs-db01.rules","udev_rule":"ACTION!=\"remove\", ...","lvm_filter":"global_filter = [ \"r|^/dev/vgdr/db01$|\", \"a|.*|\" ]","mdadm_line":"AUTO -all"}}"""
                + "\n",
            PrintJson(Documents.Show)
        );
        Assert.Equal(
            """{"type":"target_change","v":1,"verb":"promote","target":"db01","status":"promoted","dry_run":false,"changed":true,"served":true,"was":"consistent","is":"primary","device":"/dev/vgdr/db01","generation":"1f2e3d4c00004000800000000000cafe","data_time":"2026-09-24T10:15:00Z","loss_seconds":7,"epoch":4,"size":53687091200,"state_directory":"/var/lib/rsyncfs/targets/db01","warnings":["mind this"],"next":[{"on":"here","command":"rsyncfs target reverse db01","when":"when the old primary is back"}]}"""
                + "\n",
            PrintJson(Documents.Promoted)
        );
    }

    private static string PrintJson(ControlDocument document)
    {
        var printed = Print(document, Text with { Json = true });
        Assert.Empty(printed.Error);
        return printed.Output;
    }

    private static FakeTerminal Print(ControlDocument document, OutputSettings settings)
    {
        var fake = new FakeTerminal();
        TargetPrinter.Print(document, fake.Terminal, settings);
        return fake;
    }
}
