using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>A generation that happened, and of which the sender did not hear.</summary>
internal static class LastWord
{
    private const int FirstBytes = 500;
    private const int StepBytes = 10;

    /// <summary>Cuts the receiver's words ever later, until the target is at another generation and the run failed.</summary>
    /// <param name="runAsync">A run on that wire.</param>
    /// <param name="generation">Where the target is.</param>
    /// <param name="change">Changes the source.</param>
    /// <returns>Where the target was before.</returns>
    public static async Task<Guid> LoseAsync(
        Func<Func<StreamPair, StreamPair>, Task> runAsync,
        Func<Guid> generation,
        Action change
    )
    {
        var bytes = FirstBytes;
        while (true)
        {
            var before = generation();
            var all = bytes;
            var lost = await Record.ExceptionAsync(() =>
                runAsync(wire => CuttingStream.Cut(wire, isSenderCut: false, all))
            );
            bytes += StepBytes;
            if (lost is null)
            {
                // The plan was another than the time before, or a heartbeat came, and the words were fewer: once more.
                change();
                bytes = FirstBytes;
                continue;
            }

            Assert.IsType<ConnectionException>(lost);
            if (generation() != before)
            {
                return before;
            }
        }
    }
}
