using System.Reflection;
using System.Runtime.Loader;

namespace RsyncFs.Fuzz;

/// <summary>Loads this program a second time, with what is woven in the place of what it was woven of.</summary>
internal sealed class WovenContext : AssemblyLoadContext
{
    private const string Library = "RsyncFs.Core";
    private const string Executable = "rsyncfs";

    private readonly IReadOnlyDictionary<string, byte[]> _woven;

    private WovenContext(IReadOnlyDictionary<string, byte[]> woven)
        : base("woven")
    {
        _woven = woven;
    }

    /// <summary>Calls <c>public static TResult type.method(arguments)</c> of the second program. Arguments and results are of types that both know.</summary>
    public static TResult Call<TResult>(
        string type,
        string method,
        Func<IReadOnlyList<string>, object?[]> arguments
    )
    {
        var owners = new List<string>();
        var woven = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [Library] = Weaver.WeaveLibrary(PathOf(Library), owners),
            // Of the executable only what reads: nothing else of it is ever called.
            [Executable] = Weaver.Weave(PathOf(Executable), "RsyncFs.Cli.Configuration", owners),
        };
        var program = new WovenContext(woven).LoadFromAssemblyName(Assembly.GetExecutingAssembly().GetName());
        return (TResult)
            program
                .GetType(type, throwOnError: true)!
                .GetMethod(method, BindingFlags.Public | BindingFlags.Static)!
                .Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments(owners), null)!;
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (_woven.TryGetValue(assemblyName.Name!, out var bytes))
        {
            using var woven = new MemoryStream(bytes);
            return LoadFromStream(woven);
        }

        return assemblyName.Name!.StartsWith("RsyncFs.", StringComparison.Ordinal)
            ? LoadFromAssemblyPath(PathOf(assemblyName.Name))
            : null;
    }

    private static string PathOf(string name) =>
        Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, name + ".dll");
}
