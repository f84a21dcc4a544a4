using System.Globalization;
using RsyncFs.Linux.Lvm;

namespace RsyncFs.Cli.Arguments;

/// <summary>The space of a classic snapshot as people write it: <c>10%</c> of the volume, or <c>2GiB</c>.</summary>
internal static class CowSize
{
    /// <summary>Reads it.</summary>
    /// <exception cref="Errors.RsyncFsException">It is neither, or nothing, or more than the volume.</exception>
    public static CowSpace Parse(string text)
    {
        if (!text.EndsWith('%'))
        {
            return new CowSpace(Share: 0, ByteSize.Parse(text).Bytes);
        }

        return
            double.TryParse(
                text.AsSpan(0, text.Length - 1),
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var percent
            ) && percent is > 0 and <= 100
            ? new CowSpace(percent / 100, Bytes: null)
            : throw UsageError.Of($"'{text}' is no share of a volume", "write 10%, or a size: 2GiB");
    }

    /// <summary>What <see cref="Parse"/> reads again.</summary>
    public static string Print(CowSpace space) =>
        space.Bytes is { } bytes
            ? new ByteSize(bytes).ToExactString()
            : string.Create(CultureInfo.InvariantCulture, $"{space.Share * 100:0.####}%");
}
