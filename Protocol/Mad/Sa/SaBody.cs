using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Protocol.Mad.Sa;

/// <summary>
/// The record in a subnet administration MAD, held by value. Every record type is a view of these bytes through its table, so reserved
/// bits that a peer has set are kept and written back.
/// </summary>
[InlineArray(Length)]
public struct SaBody : IEquatable<SaBody>
{
    public const int Length = SaHeader.DataLength;
    private byte first;

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(in first, Length);

    [UnscopedRef]
    public Span<byte> Writable => MemoryMarshal.CreateSpan(ref first, Length);

    /// <summary>Takes <paramref name="length"/> bytes; false when there are fewer.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> source, int length, out SaBody body)
    {
        body = default;
        if (source.Length < length) return false;
        source[..length].CopyTo(body.Writable);
        return true;
    }

    public readonly bool Equals(SaBody other) => Bytes.SequenceEqual(other.Bytes);
    public override readonly bool Equals(object? obj) => obj is SaBody other && Equals(other);

    public override readonly int GetHashCode()
    {
        var hash = 17u;
        foreach (var word in MemoryMarshal.Cast<byte, uint>(Bytes)) hash = (hash ^ word) * 0x01000193;
        return (int)hash;
    }
}
