namespace RsyncFs.Fuzz;

/// <summary>Weaves the library, and runs <see cref="FuzzCommand"/> with it.</summary>
internal static class Program
{
    private static int Main(string[] arguments) =>
        WovenContext.Call<int>(
            typeof(FuzzCommand).FullName!,
            nameof(FuzzCommand.Run),
            owners => [arguments, owners]
        );
}
