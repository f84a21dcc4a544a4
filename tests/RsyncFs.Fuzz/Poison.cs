using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RsyncFs.Fuzz;

/// <summary>
/// What the woven library finds in memory that nobody has written yet. Two runs that differ in nothing but this value
/// must send and store the same bytes; what differs was never written.
/// </summary>
public static class Poison
{
    /// <summary>The byte in all such memory; 0 as it is without poison.</summary>
    public static byte Value { get; set; }

    /// <summary>In place of <see cref="GC.AllocateUninitializedArray{T}"/>.</summary>
    public static T[] Allocate<T>(int length, bool pinned)
    {
        var array = GC.AllocateArray<T>(length, pinned);
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            MemoryMarshal
                .CreateSpan(
                    ref Unsafe.As<T, byte>(ref MemoryMarshal.GetArrayDataReference(array)),
                    length * Unsafe.SizeOf<T>()
                )
                .Fill(Value);
        }

        return array;
    }

    /// <summary>Fills what is about to be given to be filled.</summary>
    public static Span<byte> FillSpan(Span<byte> given)
    {
        given.Fill(Value);
        return given;
    }

    /// <inheritdoc cref="FillSpan"/>
    public static Memory<byte> FillMemory(Memory<byte> given)
    {
        given.Span.Fill(Value);
        return given;
    }

    /// <summary>Fills what is about to be used again, or was given back.</summary>
    public static byte[] FillArray(byte[] given)
    {
        given.AsSpan().Fill(Value);
        return given;
    }
}
