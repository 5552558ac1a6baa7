using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Engine.Sa;

/// <summary>What the subnet administration answered to a question for a table.</summary>
/// <param name="Problem">Why there is no table; null: there is one, which may be empty.</param>
public sealed record SaTable(SaAttribute Attribute, ReadOnlyMemory<byte> Records, int Stride, string? Problem = null)
{
    public int Count => Stride == 0 ? 0 : Records.Length / Stride;

    /// <summary>A record by its place.</summary>
    /// <exception cref="InvalidOperationException">The records are shorter than this kind of them is.</exception>
    public T Record<T>(int at) where T : struct, ISaRecord<T> =>
        T.TryRead(Records.Span[(at * Stride)..], out var record) ? record : throw new InvalidOperationException($"{Attribute} has records of {Stride} bytes");
}
