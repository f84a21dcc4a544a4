using RsyncFs.Cli.Engine;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>What becomes of an image that <c>--create</c> made when the run fails.</summary>
public sealed class CreatedImageTests
{
    private const int MiB = 1024 * 1024;

    private static readonly RsyncFsProgram Program = new();

    /// <summary>Of an image that holds something its state says what; one of which nothing is known would look like a whole one.</summary>
    [Fact]
    public async Task WhereverTheSenderCanNotNoteSomethingTheImageStaysIfItsStateKnowsIt()
    {
        var kept = 0;
        for (var at = 1; ; at++)
        {
            using var directory = new TemporaryDirectory();
            var source = Images.Make(directory, "source.img", 4 * MiB);
            new RandomContent(5).WriteTo(source, 0, MiB);
            var (target, state) = (directory.At("target.img"), directory.At("state"));
            string[] args = ["sync", source, target, "--create", "--state", state];

            var failed = await RunAsync(args, StateLayout.OfSource(state, source), at);
            if (failed.ExitCode == 0)
            {
                Assert.True(kept > 0, "the image was never kept");
                return;
            }

            var isKnown = File.Exists(Path.Combine(StateLayout.OfLocalTarget(state, target), "state"));
            Assert.True(isKnown == File.Exists(target), $"rename {at}, known {isKnown}: {failed}");
            kept += isKnown ? 1 : 0;
            await Program.RunOkAsync(args);
            Verdict.Same(source, target);
        }
    }

    private static async Task<ProgramResult> RunAsync(string[] args, string below, int at)
    {
        await using var running = await Program.StartStoppedAsync(args);
        await using var tracer = await CallTracer.InjectAsync(running.Id, [below], ["rename"], at, "EIO");
        running.Signal("CONT");
        return await running.WaitAsync();
    }
}
