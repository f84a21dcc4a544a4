namespace RsyncFs.Tests.Laboratory;

/// <summary>What happens to a device between two runs: writes, zeros, moves and shifts of any size and place.</summary>
public static class Edits
{
    /// <summary>First content: random bytes, text that compresses, and zeros, in runs.</summary>
    public static void Fill(Span<byte> content, Random random)
    {
        while (content.Length > 0)
        {
            var run = content[..random.Next(1, Math.Min(content.Length, 200_000) + 1)];
            switch (random.Next(0, 4))
            {
                case 0:
                    run.Clear();
                    break;
                case 1:
                    FillWithText(run, random);
                    break;
                default:
                    random.NextBytes(run);
                    break;
            }

            content = content[run.Length..];
        }
    }

    /// <summary>None to a few changes.</summary>
    public static void Change(Span<byte> content, Random random)
    {
        for (var count = random.Next(0, 6); count > 0; count--)
        {
            var length = random.Next(1, Math.Min(content.Length, 300_000) + 1);
            var run = content.Slice(random.Next(0, content.Length - length + 1), length);
            switch (random.Next(0, 5))
            {
                case 0:
                    run.Clear();
                    break;
                case 1:
                    random.NextBytes(run);
                    break;
                case 2:
                    run[random.Next(0, length)] ^= 1;
                    break;
                case 3:
                    var by = random.Next(0, length);
                    run[..(length - by)].CopyTo(run[by..]);
                    break;
                default:
                    var pages = random.Next(0, length) / 4096 * 4096;
                    run[pages..].CopyTo(run);
                    break;
            }
        }
    }

    private static void FillWithText(Span<byte> run, Random random)
    {
        var words = "the quick brown fox jumps over the lazy dog while nobody writes "u8;
        var at = random.Next(0, words.Length);
        for (var i = 0; i < run.Length; i++)
        {
            run[i] = words[(at + i) % words.Length];
        }
    }
}
