using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Protocol.Cm;

/// <summary>
/// The 232 bytes of a CM message behind the MAD header, held by value. Every message type is a view of these bytes through its field
/// table, so reserved bits that a peer has set are kept, compared and written back.
/// </summary>
[InlineArray(Length)]
public struct CmBody : IEquatable<CmBody>
{
    public const int Length = 232;
    private byte first;

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(in first, Length);

    [UnscopedRef]
    public Span<byte> Writable => MemoryMarshal.CreateSpan(ref first, Length);

    public static bool TryRead(ReadOnlySpan<byte> source, out CmBody body)
    {
        body = default;
        if (source.Length < Length) return false;
        source[..Length].CopyTo(body.Writable);
        return true;
    }

    /// <summary>Copies <paramref name="data"/> to the start of an area and clears the rest of it.</summary>
    internal static void Fill(Span<byte> area, ReadOnlySpan<byte> data, string what)
    {
        if (data.Length > area.Length) throw new ArgumentException($"{data.Length} bytes; {what} holds {area.Length}", nameof(data));
        data.CopyTo(area);
        area[data.Length..].Clear();
    }

    public readonly bool Equals(CmBody other) => Bytes.SequenceEqual(other.Bytes);
    public override readonly bool Equals(object? obj) => obj is CmBody other && Equals(other);

    public override readonly int GetHashCode()
    {
        var words = MemoryMarshal.Cast<byte, uint>(Bytes);
        var hash = 17u;
        foreach (var word in words) hash = (hash ^ word) * 0x01000193;
        return (int)hash;
    }
}
