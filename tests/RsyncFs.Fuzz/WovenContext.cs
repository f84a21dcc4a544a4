using System.Reflection;
using System.Runtime.Loader;

namespace RsyncFs.Fuzz;

/// <summary>Loads this program a second time, with the woven library in the place of the library.</summary>
internal sealed class WovenContext : AssemblyLoadContext
{
    private const string Library = "RsyncFs.Core";

    private readonly byte[] _woven;

    private WovenContext(byte[] woven)
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
        var (woven, owners) = Weaver.Weave(PathOf(Library));
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
        if (assemblyName.Name is Library)
        {
            using var woven = new MemoryStream(_woven);
            return LoadFromStream(woven);
        }

        return assemblyName.Name!.StartsWith("RsyncFs.", StringComparison.Ordinal)
            ? LoadFromAssemblyPath(PathOf(assemblyName.Name))
            : null;
    }

    private static string PathOf(string name) =>
        Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, name + ".dll");
}
