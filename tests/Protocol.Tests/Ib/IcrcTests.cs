using Weft.Protocol.Checksums;
using Weft.Protocol.Ib;

namespace Weft.Protocol.Tests.Ib;

public sealed class IcrcTests
{
    // IP header to ICRC; computed apart from this code, with zlib's crc32.
    private const string SendOnlyV4 = "4500003412344000401114830a0000010a000002c12312b70020000004b0ffff0000001280000abc68656c6c6f0000003d7d539f";
    private const string AckV6 =
        "60000000001c1140fe800000000000000000000000000001fe800000000000000000000000000002c45612b7001c00001100ffff0000003400000abc1f000001bd959ee1";
    private const string ReadRequestV4 =
        "4500003c00004000401126af0a0000020a000001c00112b7002800000c00ffff0000001280000005112233445566778800010203000010006c06f095";
    // LRH to ICRC, then VCRC: RC RDMA WRITE Only with 14 bytes, the sample packet of IBA Vol 1 §7.8.
    private const string LocalIb =
        "7012375c000e17d20a20248700 87b1b3000dec2a 01710a1c015d400238f27a050000000ebb884d85fd5cfba4728bc0690ed40000 9625b75a 45fa";

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    [Theory]
    [InlineData(SendOnlyV4)]
    [InlineData(ReadRequestV4)]
    public void IPv4_vectors(string hex)
    {
        var packet = Hex(hex);
        Assert.Equal(Icrc.Read(packet.AsSpan(packet.Length - 4)), Icrc.ComputeIPv4(packet.AsSpan(0, packet.Length - 4)));
    }

    [Fact]
    public void IPv6_vector()
    {
        var packet = Hex(AckV6);
        Assert.Equal(Icrc.Read(packet.AsSpan(packet.Length - 4)), Icrc.ComputeIPv6(packet.AsSpan(0, packet.Length - 4)));
    }

    [Fact]
    public void Local_InfiniBand_packet_with_ICRC_and_VCRC()
    {
        var packet = Hex(LocalIb);
        Assert.Equal(Icrc.Read(packet.AsSpan(52)), Icrc.ComputeLrh(packet.AsSpan(0, 52)));
        Assert.Equal(0xFA45, Vcrc.Compute(packet.AsSpan(0, 56)));
        Assert.True(Lrh.TryRead(packet, out var lrh));
        Assert.Equal(56, lrh.PacketBytes);
        Assert.Equal(PacketFault.None, TransportPacket.TryParse(packet.AsSpan(8, 48), out var transport));
        Assert.Equal(14, transport.PayloadLength);
        Assert.Equal(14u, transport.Reth.DmaLength);
    }

    [Fact]
    public void A_GRH_makes_the_LRH_count_as_ones()
    {
        var transport = Hex(SendOnlyV4)[28..^4];
        var grh = new byte[48 + transport.Length];
        new Lrh(1, 2, LinkNextHeader.Global, new(5), 30, new(6)).Write(grh);
        new Grh(Gid.Parse("fe80::1"), Gid.Parse("fe80::2"), (ushort)(transport.Length + 4), 9, 77, 3).Write(grh.AsSpan(8));
        transport.CopyTo(grh, 48);
        var expected = Icrc.ComputeLrh(grh);
        // By the definition, with nothing of the code under test but the CRC.
        var masked = grh.ToArray();
        masked.AsSpan(0, 8).Fill(0xFF);
        masked[8] |= 0x0F;
        masked.AsSpan(9, 3).Fill(0xFF);
        masked[15] = masked[52] = 0xFF;
        Assert.Equal(Crc32.Compute(masked), expected);
    }

    [Theory] // offset in the IP packet, and whether the ICRC must notice a change there
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    [InlineData(6, true)]
    [InlineData(8, false)]
    [InlineData(9, true)]
    [InlineData(10, false)]
    [InlineData(11, false)]
    [InlineData(12, true)]
    [InlineData(19, true)]
    [InlineData(20, true)]
    [InlineData(26, false)]
    [InlineData(27, false)]
    [InlineData(29, true)]
    [InlineData(32, false)]
    [InlineData(36, true)]
    [InlineData(40, true)]
    public void IPv4_covers_what_may_not_change(int offset, bool covered)
    {
        var packet = Hex(SendOnlyV4)[..^4];
        var before = Icrc.ComputeIPv4(packet);
        packet[offset] ^= 0x11;
        Assert.Equal(covered, before != Icrc.ComputeIPv4(packet));
    }

    [Theory]
    [InlineData(0, 0x0F, false)]
    [InlineData(0, 0xF0, true)]
    [InlineData(1, 0xFF, false)]
    [InlineData(3, 0xFF, false)]
    [InlineData(4, 0xFF, true)]
    [InlineData(6, 0xFF, true)]
    [InlineData(7, 0xFF, false)]
    [InlineData(8, 0xFF, true)]
    [InlineData(39, 0xFF, true)]
    [InlineData(46, 0xFF, false)]
    [InlineData(47, 0xFF, false)]
    [InlineData(48, 0xFF, true)]
    [InlineData(52, 0xFF, false)]
    [InlineData(53, 0xFF, true)]
    public void IPv6_covers_what_may_not_change(int offset, int flip, bool covered)
    {
        var packet = Hex(AckV6)[..^4];
        var before = Icrc.ComputeIPv6(packet);
        packet[offset] ^= (byte)flip;
        Assert.Equal(covered, before != Icrc.ComputeIPv6(packet));
    }

    [Fact]
    public void Local_covers_all_of_the_LRH_but_the_virtual_lane()
    {
        var packet = Hex(LocalIb)[..52];
        var before = Icrc.ComputeLrh(packet);
        packet[0] ^= 0xF0;
        Assert.Equal(before, Icrc.ComputeLrh(packet));
        packet[1] ^= 0xF0;
        Assert.NotEqual(before, Icrc.ComputeLrh(packet));
    }
}
