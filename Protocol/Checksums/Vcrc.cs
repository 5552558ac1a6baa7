namespace Weft.Protocol.Checksums;

/// <summary>
/// Variant CRC of native InfiniBand: 16 bits, polynomial 0x100B, in the bit order of the ICRC (reflected), preset to ones, complemented,
/// stored least significant byte first. Covers LRH to ICRC. IBA Vol 1 §7.8.2.
/// </summary>
public static class Vcrc
{
    public const int Length = 2;
    public const ushort Initial = 0xFFFF;
    /// <summary>Read as 32 bits this is the polynomial times x^16, whose remainders are ours times x^16: the machinery for 32 bits serves.</summary>
    private const uint ReflectedPolynomial = 0xD008;

    private static readonly Crc32Tables Tables = new(ReflectedPolynomial);
    private static readonly Crc32Folding Folding = new(ReflectedPolynomial);

    /// <summary>Advances a raw register over <paramref name="data"/>.</summary>
    public static ushort Update(ushort register, ReadOnlySpan<byte> data) =>
        (ushort)(Crc32Folding.IsSupported && data.Length >= Crc32Folding.MinimumLength ? Folding.Update(register, data) : Tables.Update(register, data));

    public static ushort Compute(ReadOnlySpan<byte> lrhToIcrc) => (ushort)~Update(Initial, lrhToIcrc);

    internal static ushort UpdatePortable(ushort register, ReadOnlySpan<byte> data) => (ushort)Tables.Update(register, data);
}
