using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace RsyncFs.Bench;

/// <summary>
/// Throughput of the median, in 10^9 bytes a second. The bytes of one operation are the benchmark's parameter
/// BlockSizeBytes, or else its constant BytesPerOperation.
/// </summary>
internal sealed class GigabytesPerSecondColumn : IColumn
{
    private const string Parameter = "BlockSizeBytes";
    private const string Constant = "BytesPerOperation";

    public string Id => nameof(GigabytesPerSecondColumn);

    public string ColumnName => "GB/s";

    public string Legend => "10^9 bytes a second, of the median";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        // Bytes a nanosecond are gigabytes a second.
        var medianNanoseconds = summary[benchmarkCase]?.ResultStatistics?.Median;
        return BytesOf(benchmarkCase) is { } bytes && medianNanoseconds is { } median
            ? $"{bytes / median:F2}"
            : "-";
    }

    public bool IsAvailable(Summary summary) =>
        summary.BenchmarksCases.Any(benchmarkCase => BytesOf(benchmarkCase) is not null);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    private static int? BytesOf(BenchmarkCase benchmarkCase) =>
        benchmarkCase.Parameters.Items.FirstOrDefault(item => item.Name is Parameter)?.Value as int?
        ?? benchmarkCase.Descriptor.Type.GetField(Constant)?.GetRawConstantValue() as int?;
}
