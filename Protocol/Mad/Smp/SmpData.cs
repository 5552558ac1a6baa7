using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Protocol.Mad.Smp;

/// <summary>The 64 bytes of an attribute in a subnet management packet, held by value. IBA Vol 1 §14.2.1.</summary>
[InlineArray(Length)]
public struct SmpData
{
    public const int Length = 64;
    private byte first;

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(in first, Length);

    [UnscopedRef]
    public Span<byte> Writable => MemoryMarshal.CreateSpan(ref first, Length);

    public static bool TryRead(ReadOnlySpan<byte> source, out SmpData data)
    {
        data = default;
        if (source.Length < Length) return false;
        source[..Length].CopyTo(data.Writable);
        return true;
    }
}
