using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad;

namespace Weft.Fabric.Sim.Tests.Subnet;

public class PerformanceAgentTests
{
    private readonly SubnetNode node = Fabrics.Star(2).Find("S")!;
    private readonly byte[] mad = new byte[256];

    [Fact]
    public void Counters_stand_where_the_attribute_has_them()
    {
        ref var c = ref node[2].Counters;
        (c.SymbolErrors, c.LinkRecoveries, c.LinkDowned, c.LocalLinkIntegrityErrors, c.BufferOverruns, c.XmitWait) = (0x1234, 5, 6, 7, 8, 9);
        (c.XmitData, c.RcvPackets) = (0x11223344, 0x55667788);
        Assert.Equal(0, Ask(MadMethod.Get, 0x12, port: 2));
        Assert.Equal("12340506", Convert.ToHexStringLower(mad[68..72]));
        Assert.Equal("78", Convert.ToHexStringLower(mad[83..84]));
        Assert.Equal("11223344", Convert.ToHexStringLower(mad[88..92]));
        Assert.Equal("5566778800000009", Convert.ToHexStringLower(mad[100..108]));
    }

    [Fact]
    public void Counters_stop_at_the_end_of_their_field()
    {
        ref var c = ref node[1].Counters;
        (c.SymbolErrors, c.LinkDowned, c.BufferOverruns, c.XmitData) = (70_000, 300, 99, 0x1_0000_0005);
        Ask(MadMethod.Get, 0x12, port: 1);
        Assert.Equal("ffff00ff", Convert.ToHexStringLower(mad[68..72]));
        Assert.Equal("0f", Convert.ToHexStringLower(mad[83..84]));
        Assert.Equal("ffffffff", Convert.ToHexStringLower(mad[88..92]));
        Ask(MadMethod.Get, 0x1D, port: 1);
        Assert.Equal("0000000100000005", Convert.ToHexStringLower(mad[72..80]));
    }

    [Theory]
    [InlineData(0x0001, 0x00, 0, 9, 9)]
    [InlineData(0x1000, 0x00, 9, 0, 9)]
    [InlineData(0x0000, 0x01, 9, 9, 0)]
    [InlineData(0xFFFF, 0x01, 0, 0, 0)]
    public void Only_the_selected_counters_are_set(int select, int select2, int symbol, int data, int wait)
    {
        ref var c = ref node[1].Counters;
        (c.SymbolErrors, c.XmitData, c.XmitWait) = (9, 9, 9);
        Assert.Equal(0, Ask(MadMethod.Set, 0x12, port: 1, select, select2));
        Assert.Equal((symbol, data, wait), ((int)c.SymbolErrors, (int)c.XmitData, (int)c.XmitWait));
    }

    [Fact]
    public void All_ports_are_summed_and_set_together()
    {
        (node[1].Counters.XmitPackets, node[2].Counters.XmitPackets) = (3, 4);
        Ask(MadMethod.Get, 0x12, port: 255);
        Assert.Equal("00000007", Convert.ToHexStringLower(mad[96..100]));
        Ask(MadMethod.Set, 0x12, port: 255, 0xFFFF);
        Assert.Equal(0ul, node[1].Counters.XmitPackets + node[2].Counters.XmitPackets);
    }

    [Theory]
    [InlineData(0x12, 9, MadStatus.InvalidField)]
    [InlineData(0x15, 1, MadStatus.UnsupportedAttribute)]
    [InlineData(0x01, 0, MadStatus.Ok)]
    public void What_is_not_there_is_refused(ushort attribute, byte port, ushort status) => Assert.Equal(status, Ask(MadMethod.Get, attribute, port));

    [Fact]
    public void The_class_tells_what_it_can_do()
    {
        Ask(MadMethod.Get, 0x01, 0);
        Assert.Equal("01011300", Convert.ToHexStringLower(mad[64..68]));
    }

    private ushort Ask(MadMethod method, ushort attribute, byte port, int select = 0, int select2 = 0)
    {
        Array.Clear(mad);
        new MadHeader(MadClass.Performance, 1, method, attribute, 7).Write(mad);
        (mad[65], mad[66], mad[67], mad[82]) = (port, (byte)(select >> 8), (byte)select, (byte)select2);
        Assert.Equal(AgentAction.Answer, PerformanceAgent.Handle(node[0], mad));
        Assert.True(MadHeader.TryRead(mad, out var header) && header.IsResponse);
        return header.Status;
    }
}
