namespace Weft.Protocol.Mad.Sa;

/// <summary>A field of a record, and its bit in the component mask; -1 when a query can not ask for it.</summary>
public readonly record struct SaComponent(MadField Field, int Bit)
{
    /// <summary>Its one bit of the mask, or 0.</summary>
    public ulong Mask => Bit < 0 ? 0 : 1UL << Bit;
}
