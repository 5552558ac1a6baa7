using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Protocol.Tests.Mad.Smp;

public class SmpMadTests
{
    /// <summary>The start of ibsim's answer to a Get of NodeInfo two hops away, and of its refusal of a port.</summary>
    [Theory]
    [InlineData("01810181800000020000000000000007001100000000000000000000000000000ffffffff", 0, 2, SmpAttribute.NodeInfo, 0u)]
    [InlineData("01810181801c000100000000000000070015000000000063000000000000000000ffffffff", 0x1C, 1, SmpAttribute.PortInfo, 0x63u)]
    public void Direction_and_status_share_a_field(string hex, int status, int hops, SmpAttribute attribute, uint modifier)
    {
        var mad = new SmpMad(Convert.FromHexString(hex[..48].PadRight(64, '0') + "ffffffff".PadRight(448, '0')));
        Assert.True(mad.IsDirected && mad.IsReturning && mad.IsResponse);
        Assert.Equal((status, hops, attribute, modifier, 7ul), (mad.Status, mad.HopCount, mad.Attribute, mad.Modifier, mad.TransactionId));
        Assert.Equal(Lid.Permissive, mad.DirectedSource);
        mad.Status = 0x0C;
        Assert.True(mad.IsReturning);
        mad.IsReturning = false;
        Assert.Equal(0x0C, mad.Status);
    }

    [Fact]
    public void A_directed_request_is_laid_out_as_the_specification_says()
    {
        var bytes = new byte[256];
        Array.Fill(bytes, (byte)0xEE);
        new SmpMad(bytes).BeginDirected(MadMethod.Get, SmpAttribute.PortInfo, 0x80000005, 0x1234, [1, 7]);
        Assert.Equal("018101010000000200000000000012340015000080000005" + "0000000000000000" + "ffffffff", Convert.ToHexStringLower(bytes[..36]));
        Assert.Equal([0, 1, 7, 0], bytes[128..132]);
        Assert.True(bytes.AsSpan(192).IndexOfAnyExcept((byte)0) < 0);
        Assert.Throws<ArgumentException>(() => new SmpMad(new byte[256]).BeginDirected(MadMethod.Get, SmpAttribute.PortInfo, 0, 0, new byte[64]));
    }

    [Fact]
    public void A_LID_routed_request_has_a_status_of_16_bits()
    {
        var bytes = new byte[256];
        var mad = new SmpMad(bytes);
        mad.BeginLidRouted(MadMethod.Set, SmpAttribute.SwitchInfo, 0, 1);
        mad.Status = 0x800C;
        Assert.Equal("01010102800c", Convert.ToHexStringLower(bytes[..6]));
        Assert.Equal(0x800C, mad.Status);
    }
}
