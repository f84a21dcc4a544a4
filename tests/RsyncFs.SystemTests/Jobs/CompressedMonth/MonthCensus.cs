using System.Text;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>What there is while all jobs are paused and all is well.</summary>
/// <param name="Processes">Of each process.</param>
/// <param name="StateFileCount">Files that belong into the state directories.</param>
/// <param name="StateBytes">What the state directories take.</param>
/// <param name="Strays">Files that belong nowhere.</param>
internal sealed record MonthCensus(
    IReadOnlyList<ProcessCensus> Processes,
    int StateFileCount,
    long StateBytes,
    IReadOnlyList<string> Strays
)
{
    /// <summary>The heading of the table.</summary>
    public const string Heading =
        "day  process    pid       RSS MiB  peak MiB  descriptors  threads  children   state files  state MiB  strays";

    private const long MiB = 1024 * 1024;

    /// <summary>Lines of the table.</summary>
    public string ToText(int day)
    {
        var text = new StringBuilder();
        foreach (var process in Processes)
        {
            text.Append(
                $"{day, 3}  {process.Who, -9}  {process.Id, -8}  {process.ResidentBytes / MiB, 7}  {process.PeakBytes / MiB, 8}  {process.DescriptorCount, 11}  {process.ThreadCount, 7}  {process.ChildCount, 8}"
            );
            text.Append(
                process == Processes[0]
                    ? $"   {StateFileCount, 11}  {StateBytes / MiB, 9}  {Strays.Count, 6}\n"
                    : "\n"
            );
        }

        return text.ToString();
    }
}
