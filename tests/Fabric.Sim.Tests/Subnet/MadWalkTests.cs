using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Performance;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Subnet;

public class MadWalkTests
{
    private readonly byte[] mad = new byte[256];

    [Fact]
    public void A_directed_packet_goes_its_way_and_its_answer_comes_back()
    {
        var subnet = Fabrics.Chain(3);
        var source = subnet.Find("h1")![1];
        var smp = new SmpMad(mad);
        smp.BeginDirected(MadMethod.Get, SmpAttribute.NodeInfo, 0, 1, [1, 2, 2, 2]);
        var end = MadWalk.Carry(source, Lid.Permissive, mad)!;
        Assert.Same(subnet.Find("h2")![1], end);
        Assert.Equal([0, 1, 1, 1, 1, 0], smp.ReturnPath[..6].ToArray());
        Assert.Equal(AgentAction.Answer, SmaAgent.Handle(end, smp, Lid.None, Instant.Zero));
        Assert.Same(source, MadWalk.Carry(end, Lid.Permissive, mad));
        Assert.Equal(0, smp.HopPointer);
        Assert.Equal(1ul, subnet.Find("S2")![2].Counters.XmitPackets);
        Assert.Equal(72ul, subnet.Find("S2")![2].Counters.RcvData);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 1, 2, 2 })]
    public void A_directed_packet_ends_at_any_node(byte[] path)
    {
        var subnet = Fabrics.Chain(3);
        new SmpMad(mad).BeginDirected(MadMethod.Get, SmpAttribute.NodeInfo, 0, 1, path);
        var end = MadWalk.Carry(subnet.Find("h1")![1], Lid.Permissive, mad);
        Assert.Same(path.Length == 0 ? subnet.Find("h1")! : subnet.Find($"S{path.Length}")!, end!.Node);
    }

    [Theory]
    [InlineData(new byte[] { 2 })]             // a host sends by the port it was given
    [InlineData(new byte[] { 1, 3 })]          // nothing is plugged in there
    [InlineData(new byte[] { 1, 9 })]          // no such port
    [InlineData(new byte[] { 1, 0 })]
    [InlineData(new byte[] { 1, 2, 2, 2, 1 })] // through a host
    public void A_directed_packet_is_lost_where_there_is_no_way(byte[] path)
    {
        var subnet = Fabrics.Chain(3);
        new SmpMad(mad).BeginDirected(MadMethod.Get, SmpAttribute.NodeInfo, 0, 1, path);
        Assert.Null(MadWalk.Carry(subnet.Find("h1")![1], Lid.Permissive, mad));
    }

    [Fact]
    public void A_directed_packet_needs_links_that_are_up_and_no_more()
    {
        var subnet = Fabrics.Chain(2);
        subnet.SetCable(subnet.Find("S1")![2], isCut: true);
        new SmpMad(mad).BeginDirected(MadMethod.Get, SmpAttribute.NodeInfo, 0, 1, [1, 2]);
        Assert.Null(MadWalk.Carry(subnet.Find("h1")![1], Lid.Permissive, mad));
        Assert.Equal(1ul, subnet.Find("S1")![2].Counters.XmitDiscards);
    }

    [Fact]
    public void A_packet_follows_the_forwarding_tables()
    {
        var subnet = Fabrics.Chain(2);
        Fabrics.Activate(subnet);
        var (source, last) = (subnet.Find("h1")![1], subnet.Find("h2")![1]);
        foreach (var end in (SubnetPort[])[source, subnet.Find("S1")![0], subnet.Find("S2")![0], last])
        {
            Begin(MadClass.Performance);
            Assert.Same(end, MadWalk.Carry(source, end.Lid, mad));
            Begin(MadClass.SubnetLidRouted);
            Assert.Same(source, MadWalk.Carry(end, source.Lid, mad));
        }
        Begin(MadClass.Performance);
        Assert.Null(MadWalk.Carry(source, new(40), mad)); // nobody's
        Assert.Equal(1ul, subnet.Find("S1")![1].Counters.RcvSwitchRelayErrors);
        subnet.Find("S2")![2].Info.State = PortState.Initialize; // subnet management passes, other traffic does not
        Assert.Null(MadWalk.Carry(source, last.Lid, mad));
        Begin(MadClass.SubnetLidRouted);
        Assert.Same(last, MadWalk.Carry(source, last.Lid, mad));
    }

    [Fact]
    public void A_forwarding_loop_ends()
    {
        var subnet = Fabrics.Chain(2);
        Fabrics.Activate(subnet);
        var block = new byte[64];
        Array.Fill(block, (byte)2);
        subnet.Find("S1")!.Forwarding!.WriteLinearBlock(0, block);
        Array.Fill(block, (byte)1);
        subnet.Find("S2")!.Forwarding!.WriteLinearBlock(0, block);
        Begin(MadClass.Performance);
        Assert.Null(MadWalk.Carry(subnet.Find("h1")![1], subnet.Find("h2")![1].Lid, mad));
    }

    [Fact]
    public void A_management_packet_of_a_foreign_partition_is_not_delivered()
    {
        var subnet = Fabrics.Chain(1);
        Fabrics.Activate(subnet);
        var (source, end) = (subnet.Find("h1")![1], subnet.Find("h2")![1]);
        var keys = new byte[64];
        SmpTables.SetPKey(keys, 0, new(0x7FFF));
        source.PKeys.WriteBlock(0, keys);
        end.PKeys.WriteBlock(0, keys);
        Begin(MadClass.Performance);
        Assert.Null(MadWalk.Carry(source, end.Lid, mad)); // two limited members
        Assert.Equal(1, end.Info.PKeyViolations);
        SmpTables.SetPKey(keys, 0, PKey.Default);
        end.PKeys.WriteBlock(0, keys);
        Assert.Same(end, MadWalk.Carry(source, end.Lid, mad));
    }

    [Fact]
    public void A_directed_part_between_LID_routed_ones_works()
    {
        var subnet = Fabrics.Chain(4);
        Fabrics.Activate(subnet);
        var (source, first, last) = (subnet.Find("h1")![1], subnet.Find("S2")![0], subnet.Find("h2")![1]);
        var smp = new SmpMad(mad);
        smp.BeginDirected(MadMethod.Get, SmpAttribute.NodeInfo, 0, 1, [2, 2]); // S2 -> S3 -> S4
        (smp.DirectedSource, smp.DirectedDestination) = (source.Lid, last.Lid);
        Assert.Same(last, MadWalk.Carry(source, first.Lid, mad));
        Assert.Equal(AgentAction.Answer, SmaAgent.Handle(last, smp, Lid.None, Instant.Zero));
        Assert.Same(source, MadWalk.Carry(last, subnet.Find("S4")![0].Lid, mad));
    }

    [Fact]
    public void Arbitrary_packets_neither_throw_nor_loop() => Fuzz(20_000);

    private void Fuzz(int rounds)
    {
        var subnet = Fabrics.Chain(3);
        Fabrics.Activate(subnet);
        var state = 0x9E3779B97F4A7C15ul;
        for (var i = 0; i < rounds; i++)
        {
            for (var b = 0; b < mad.Length; b++) mad[b] = (byte)(Next() >> 13);
            if ((i & 3) != 0) (mad[1], mad[2], mad[3]) = ((i & 4) != 0 ? (byte)0x81 : (byte)0x04, 1, (byte)(1 + (i & 1)));
            if ((i & 3) == 3) (mad[16], mad[17], mad[6], mad[7]) = (0, (byte)(0x10 + Next() % 16), 0, (byte)(Next() % 5));
            for (var hop = 0; hop < 6; hop++) mad[129 + hop] = (byte)(1 + Next() % 3);
            var at = subnet.Nodes[(int)(Next() % 5)];
            var end = MadWalk.Carry(at[1], new((ushort)(Next() % 8)), mad);
            if (end is null) continue;
            if (mad[1] == 0x04) PerformanceAgent.Handle(end, mad);
            else SmaAgent.Handle(end, new(mad), Lid.None, Instant.Zero);
        }

        ulong Next() => state = (state ^ state << 13 ^ (state ^ state << 13) >> 7) * 0x2545F4914F6CDD1D + 1;
    }

    private void Begin(MadClass c)
    {
        Array.Clear(mad);
        new MadHeader(c, 1, MadMethod.Get, (ushort)PerformanceAttribute.PortCounters, 1).Write(mad);
    }
}
