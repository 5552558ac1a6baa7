namespace Weft.Protocol.Checksums;

/// <summary>
/// CRC-32 of Ethernet and of the InfiniBand ICRC: polynomial 0x04C11DB7, reflected, register preset to ones, result complemented.
/// The raw register is exposed so that a checksum can be chained over pieces: <c>~Update(Update(Initial, a), b)</c>.
/// </summary>
public static class Crc32
{
    /// <summary>The register before the first byte.</summary>
    public const uint Initial = 0xFFFF_FFFF;
    internal const uint ReflectedPolynomial = 0xEDB8_8320;

    private static readonly Crc32Tables Tables = new(ReflectedPolynomial);
    private static readonly Crc32Folding Folding = new(ReflectedPolynomial);

    /// <summary>Advances a raw register (neither preset nor complemented here) over <paramref name="data"/>.</summary>
    public static uint Update(uint register, ReadOnlySpan<byte> data) =>
        Crc32Folding.IsSupported && data.Length >= Crc32Folding.MinimumLength ? Folding.Update(register, data) : Tables.Update(register, data);

    public static uint Compute(ReadOnlySpan<byte> data) => ~Update(Initial, data);

    /// <summary>The path without intrinsics, for machines that lack them and for tests that compare.</summary>
    internal static uint UpdatePortable(uint register, ReadOnlySpan<byte> data) => Tables.Update(register, data);
}
