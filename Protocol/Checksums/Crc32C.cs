using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Weft.Protocol.Checksums;

/// <summary>
/// CRC-32C (Castagnoli), the digest of iSCSI: polynomial 0x1EDC6F41, reflected, preset to ones, complemented. RFC 7143 §13.1 (digests),
/// RFC 3385; the four result bytes go out least significant first.
/// </summary>
public static class Crc32C
{
    public const uint Initial = 0xFFFF_FFFF;
    internal const uint ReflectedPolynomial = 0x82F6_3B78;
    /// <summary>From here on folding beats the chain of one crc32 instruction per eight bytes, whose latency is three cycles.</summary>
    private const int FoldingPays = 128;

    private static readonly Crc32Tables Tables = new(ReflectedPolynomial);
    private static readonly Crc32Folding Folding = new(ReflectedPolynomial);

    /// <summary>Advances a raw register over <paramref name="data"/>.</summary>
    public static uint Update(uint register, ReadOnlySpan<byte> data)
    {
        if (Crc32Folding.IsSupported && data.Length >= FoldingPays) return Folding.Update(register, data);
        if (!Sse42.X64.IsSupported && !System.Runtime.Intrinsics.Arm.Crc32.Arm64.IsSupported)
            return Tables.Update(register, data);
        while (data.Length >= 8)
        {
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }
        foreach (var b in data) register = BitOperations.Crc32C(register, b);
        return register;
    }

    public static uint Compute(ReadOnlySpan<byte> data) => ~Update(Initial, data);

    internal static uint UpdatePortable(uint register, ReadOnlySpan<byte> data) => Tables.Update(register, data);
}
