using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Checksums;

namespace Weft.Protocol.Tests.Checksums;

public sealed class ChecksumTests
{
    private static readonly byte[] Check = Encoding.ASCII.GetBytes("123456789");

    /// <summary>One bit at a time, from the definition: nothing shared with the code under test.</summary>
    private static uint BitByBit(uint register, ReadOnlySpan<byte> data, uint polynomial)
    {
        foreach (var b in data)
        {
            register ^= b;
            for (var i = 0; i < 8; i++) register = (register & 1) != 0 ? register >> 1 ^ polynomial : register >> 1;
        }
        return register;
    }

    private static byte[] Bytes(int length, uint seed)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) bytes[i] = (byte)((seed = seed * 1664525 + 1013904223) >> 24);
        return bytes;
    }

    [Fact]
    public void Check_values_of_the_catalogue()
    {
        Assert.Equal(0xCBF43926u, Crc32.Compute(Check));
        Assert.Equal(0xE3069283u, Crc32C.Compute(Check));
    }

    [Theory] // RFC 7143 appendix A (was RFC 3720 B.4): CRC examples
    [InlineData(0x00, 0, 0x8A9136AAu)]
    [InlineData(0xFF, 0, 0x62A8AB43u)]
    [InlineData(0x00, 1, 0x46DD794Eu)]
    [InlineData(0x1F, -1, 0x113FDB5Cu)]
    public void Crc32C_of_the_iscsi_examples(int first, int step, uint expected)
    {
        var data = new byte[32];
        for (var i = 0; i < 32; i++) data[i] = (byte)(first + i * step);
        Assert.Equal(expected, Crc32C.Compute(data));
    }

    [Fact]
    public void Folding_constants_are_those_of_the_paper()
    {
        var polynomial = Crc32Folding.Reflect(Crc32.ReflectedPolynomial);
        Assert.Equal(0x154442bd4u, Crc32Folding.PowerOfX(4 * 128 + 32, polynomial));
        Assert.Equal(0x1c6e41596u, Crc32Folding.PowerOfX(4 * 128 - 32, polynomial));
        Assert.Equal(0x1751997d0u, Crc32Folding.PowerOfX(128 + 32, polynomial));
        Assert.Equal(0x0ccaa009eu, Crc32Folding.PowerOfX(128 - 32, polynomial));
        Assert.Equal(0x163cd6124u, Crc32Folding.PowerOfX(64, polynomial));
        Assert.Equal(0x1F7011641u, Crc32Folding.ReflectedQuotient(polynomial));
    }

    [Fact]
    public void Every_length_and_alignment_agrees_with_the_definition()
    {
        var data = Bytes(700, 1);
        for (var start = 0; start < 17; start++)
            for (var length = 0; length <= 330; length++)
            {
                var piece = data.AsSpan(start, length);
                var expected = BitByBit(0x12345678, piece, Crc32.ReflectedPolynomial);
                Assert.Equal(expected, Crc32.Update(0x12345678, piece));
                Assert.Equal(expected, Crc32.UpdatePortable(0x12345678, piece));
                expected = BitByBit(0x9ABCDEF0, piece, Crc32C.ReflectedPolynomial);
                Assert.Equal(expected, Crc32C.Update(0x9ABCDEF0, piece));
                Assert.Equal(expected, Crc32C.UpdatePortable(0x9ABCDEF0, piece));
            }
    }

    /// <summary>Long enough for the wide ways, where the processor has them: around their thresholds and their blocks of 128 and 256 bytes.</summary>
    [Fact]
    public void Long_pieces_agree_with_the_portable_way()
    {
        var data = Bytes(4200, 3);
        var (narrow, middle) = (new Crc32Folding(Crc32.ReflectedPolynomial, widest: 128), new Crc32Folding(Crc32.ReflectedPolynomial, widest: 256));
        foreach (var length in Enumerable.Range(250, 550).Concat([1024, 1087, 2048, 4095, 4096, 4112, 4199]))
        {
            var piece = data.AsSpan(length % 2, length);
            var expected = BitByBit(0x12345678, piece, Crc32.ReflectedPolynomial);
            Assert.Equal(expected, Crc32.Update(0x12345678, piece));
            Assert.Equal(expected, Crc32.UpdatePortable(0x12345678, piece));
            if (!Crc32Folding.IsSupported) continue;
            Assert.Equal(expected, narrow.Update(0x12345678, piece));
            Assert.Equal(expected, middle.Update(0x12345678, piece));
        }
    }

    [Fact]
    public void Chaining_pieces_is_the_same_as_the_whole() =>
        Prop.ForAll<byte[], byte[], uint>((a, b, seed) =>
        {
            byte[] whole = [.. a, .. b];
            return Crc32.Update(Crc32.Update(seed, a), b) == Crc32.Update(seed, whole)
                && Crc32C.Update(Crc32C.Update(seed, a), b) == Crc32C.Update(seed, whole)
                && Vcrc.Update(Vcrc.Update((ushort)seed, a), b) == Vcrc.Update((ushort)seed, whole);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Vcrc_agrees_with_its_definition()
    {
        var data = Bytes(300, 7);
        for (var length = 0; length <= data.Length; length++)
        {
            uint expected = Vcrc.Initial;
            foreach (var b in data.AsSpan(0, length))
            {
                // Non-reflected form of x^16+x^12+x^3+x+1 on a register whose bits are mirrored, LSB of each byte first.
                for (var i = 0; i < 8; i++)
                {
                    var top = (expected >> 15 ^ (uint)b >> i) & 1;
                    expected = (expected << 1 & 0xFFFF) ^ (top != 0 ? 0x100Bu : 0);
                }
            }
            uint mirrored = 0;
            for (var i = 0; i < 16; i++) mirrored |= (expected >> i & 1) << (15 - i);
            Assert.Equal((ushort)~mirrored, Vcrc.Compute(data.AsSpan(0, length)));
            Assert.Equal((ushort)mirrored, Vcrc.UpdatePortable(Vcrc.Initial, data.AsSpan(0, length)));
        }
    }

    [Fact] // RFC 1071 §3
    public void Internet_checksum_of_the_rfc_example() =>
        Assert.Equal((ushort)0x220D, InternetChecksum.Compute([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]));

    [Fact]
    public void Internet_checksum_over_data_with_its_checksum_is_zero() =>
        Prop.ForAll<byte[]>(data =>
        {
            byte[] even = data.Length % 2 == 0 ? data : [.. data, 0];
            var sum = InternetChecksum.Compute(even);
            return InternetChecksum.Compute([.. even, (byte)(sum >> 8), (byte)sum]) == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Internet_checksum_folds_large_sums() => Assert.Equal(0, InternetChecksum.Finish(0xFFFF_FFFF_FFFF_FFFF));
}
