using RsyncFs.Errors;

namespace RsyncFs.Devices;

/// <summary>The error of a source that did not stand still.</summary>
internal static class SourceChange
{
    /// <summary>The block at <paramref name="offsetBytes"/> is not what it was.</summary>
    public static DeviceException At(string source, long offsetBytes) =>
        Make($"{source} at offset {offsetBytes}", "the block was read twice and was not the same");

    /// <summary>The system counted writes to the source.</summary>
    public static DeviceException Counted(string source) =>
        Make(source, "the system saw it written between the first read and the last");

    private static DeviceException Make(string where, string cause) =>
        new(ErrorId.SourceChanged, "the source changed while it was read")
        {
            Where = where,
            Cause = cause,
            Hint =
                "stop what writes to it, or replicate a snapshot; the target was not made a new generation",
        };
}
