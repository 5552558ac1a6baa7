using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Subnet;

public class SmaAgentTests
{
    private readonly IbSubnet subnet = Fabrics.Star(3);
    private readonly byte[] mad = new byte[256];
    private readonly List<Notice> notices = [];
    private SubnetNode Switch => subnet.Find("S")!;
    private SubnetPort Host(int i) => subnet.Find($"h{i}")![1];

    public SmaAgentTests() => subnet.Observer = new Recorder(notices);

    /// <summary>The answers that ibsim gives for a host and a switch port whose link is up: the same bytes, GUIDs aside.</summary>
    [Theory]
    [InlineData(0, "00000000000000000000000000000000000000000050c04800000ff901031f0272520047404000080804e040000000000000201f000000000000000000302703")]
    [InlineData(1, "0000000000000000000000000000000000000000000000000000000001031f0272520047404000080804e0400000000000000000000000000000000000002703")]
    public void PortInfo_is_what_ibsim_tells(int port, string hex)
    {
        Ask(port == 0 ? Host(1) : Switch[1], MadMethod.Get, SmpAttribute.PortInfo, (uint)port);
        Assert.Equal(hex, Convert.ToHexStringLower(mad.AsSpan(64, 64)));
    }

    [Fact]
    public void NodeInfo_names_the_port_that_was_asked()
    {
        Assert.Equal(0, Ask(Switch[3], MadMethod.Get, SmpAttribute.NodeInfo, 0));
        NodeInfo.TryRead(mad.AsSpan(64), out var info);
        Assert.Equal((NodeType.Switch, 3, 8, new Guid64(0x5000)), (info.NodeType, (int)info.LocalPortNum, (int)info.NumPorts, info.PortGuid));
        var smp = new SmpMad(mad);
        Assert.True(smp.IsReturning && smp.IsResponse);
        Assert.Equal(smp.HopCount + 1, smp.HopPointer);
        Ask(Host(2), MadMethod.Get, SmpAttribute.NodeDescription, 0);
        Assert.Equal("host h2", System.Text.Encoding.UTF8.GetString(mad.AsSpan(64, 64)).TrimEnd('\0'));
    }

    [Theory]
    [InlineData(SmpAttribute.SwitchInfo, MadMethod.Get, 0u, MadStatus.UnsupportedAttribute)]
    [InlineData(SmpAttribute.LinearForwardingTable, MadMethod.Get, 0u, MadStatus.UnsupportedAttribute)]
    [InlineData(SmpAttribute.MulticastForwardingTable, MadMethod.Set, 0u, MadStatus.UnsupportedAttribute)]
    [InlineData(SmpAttribute.NodeInfo, MadMethod.Set, 0u, MadStatus.UnsupportedAttribute)]
    [InlineData(SmpAttribute.VendorDiag, MadMethod.Get, 0u, MadStatus.UnsupportedAttribute)]
    [InlineData(SmpAttribute.PortInfo, MadMethod.Get, 9u, MadStatus.InvalidField)]
    [InlineData(SmpAttribute.PKeyTable, MadMethod.Get, 2u, MadStatus.InvalidField)]
    [InlineData(SmpAttribute.PKeyTable, MadMethod.Get, 0xFFFFu, MadStatus.InvalidField)]
    [InlineData(SmpAttribute.GuidInfo, MadMethod.Get, 4u, MadStatus.InvalidField)]
    [InlineData(SmpAttribute.GuidInfo, MadMethod.Set, 0xFFFFFFFFu, MadStatus.InvalidField)]
    [InlineData(SmpAttribute.VlArbitrationTable, MadMethod.Get, 0x50000u, MadStatus.InvalidField)]
    [InlineData(SmpAttribute.NodeInfo, MadMethod.GetTable, 0u, MadStatus.UnsupportedMethod)]
    public void A_host_refuses_what_it_does_not_have(SmpAttribute attribute, MadMethod method, uint modifier, ushort status) =>
        Assert.Equal(status, Ask(Host(1), method, attribute, modifier));

    [Theory]
    [InlineData(SmpAttribute.LinearForwardingTable, 768u)]
    [InlineData(SmpAttribute.LinearForwardingTable, 0xFFFFFFFFu)]
    [InlineData(SmpAttribute.MulticastForwardingTable, 32u)]
    [InlineData(SmpAttribute.MulticastForwardingTable, 0x10000000u)]
    [InlineData(SmpAttribute.SlToVlMappingTable, 0x0109u)]
    [InlineData(SmpAttribute.SlToVlMappingTable, 0x0901u)]
    [InlineData(SmpAttribute.PKeyTable, 0x90000u)]
    public void A_switch_refuses_blocks_that_it_does_not_have(SmpAttribute attribute, uint modifier)
    {
        Assert.Equal(MadStatus.InvalidField, Ask(Switch[0], MadMethod.Get, attribute, modifier));
        Assert.Equal(MadStatus.InvalidField, Ask(Switch[0], MadMethod.Set, attribute, modifier));
    }

    [Theory]
    [InlineData(SmpAttribute.LinearForwardingTable, 767u)]
    [InlineData(SmpAttribute.MulticastForwardingTable, 31u)]
    [InlineData(SmpAttribute.PKeyTable, 0x20001u)]
    [InlineData(SmpAttribute.VlArbitrationTable, 0x40003u)]
    public void A_block_that_was_set_is_read_back(SmpAttribute attribute, uint modifier)
    {
        var block = Enumerable.Range(1, 64).Select(i => (byte)i).ToArray();
        Assert.Equal(0, Ask(Switch[0], MadMethod.Set, attribute, modifier, block));
        Assert.Equal(0, Ask(Switch[0], MadMethod.Get, attribute, modifier));
        Assert.Equal(block, mad[64..128]);
        Assert.Equal(0, Ask(Switch[0], MadMethod.Get, attribute, modifier - 1));
        Assert.NotEqual(block, mad[64..128]);
    }

    [Fact]
    public void Forwarding_follows_what_was_written()
    {
        var block = Enumerable.Repeat(SmpTables.NoPort, 64).ToArray();
        (block[5], block[6]) = (3, 0);
        Ask(Switch[0], MadMethod.Set, SmpAttribute.LinearForwardingTable, 2, block);
        var tables = Switch.Forwarding!;
        Assert.Equal(SmpTables.NoPort, tables.PortOf(new(133))); // above LinearFDBTop
        tables.Info.LinearFdbTop = 134;
        Assert.Equal((3, 0, 255, 255), ((int)tables.PortOf(new(133)), (int)tables.PortOf(new(134)), (int)tables.PortOf(new(132)), (int)tables.PortOf(new(0xBFFF))));
        Ask(Switch[0], MadMethod.Set, SmpAttribute.MulticastForwardingTable, 1, [0, 0, 0x01, 0x04]);
        Assert.True(tables.IsMember(new(0xC021), 2) && tables.IsMember(new(0xC021), 8) && !tables.IsMember(new(0xC021), 3) && !tables.IsMember(new(0xC020), 2));
    }

    [Fact]
    public void A_link_goes_up_step_by_step()
    {
        Assert.Equal(MadStatus.InvalidField, SetState(Host(1), PortState.Active));
        Assert.Equal(0, SetState(Host(1), PortState.Armed));
        Assert.Equal(0, SetState(Switch[1], PortState.Armed, 1));
        Assert.Equal(0, SetState(Host(1), PortState.Active));
        Assert.Equal(0, SetState(Switch[1], PortState.Active, 1));
        Assert.Equal((PortState.Active, PortState.Active), (Host(1).State, Switch[1].State));
        Assert.Equal(MadStatus.InvalidField, SetState(Switch[1], PortState.Initialize, 1));
        Assert.Equal(MadStatus.InvalidField, SetState(Switch[0], PortState.Armed, 7)); // nothing is plugged in there
        Assert.Empty(notices);
    }

    [Fact]
    public void A_link_that_the_manager_bounces_comes_back_and_the_switch_at_the_other_end_reports_it()
    {
        ClearChange();
        Assert.Equal(0, SetState(Host(1), PortState.Armed));
        Assert.Equal(0, SetState(Host(1), PortState.Down));
        Assert.Equal((PortState.Initialize, PortState.Initialize, true), (Host(1).State, Switch[1].State, Switch[1].IsLinkUp));
        Assert.True(Switch.Forwarding!.Info.PortStateChange);
        Assert.Equal(128, Assert.Single(notices).TrapNumber);
        ClearChange();
        Assert.Equal(0, SetState(Switch[0], PortState.Down, 2)); // its own doing: not told again
        Assert.False(Switch.Forwarding.Info.PortStateChange);
        Assert.Equal(1ul, Switch[2].Counters.LinkDowned);
    }

    [Fact]
    public void A_disabled_port_stays_down_until_it_is_enabled()
    {
        ClearChange();
        Assert.Equal(0, SetPhysical(Switch[0], PortPhysicalState.Disabled, 1));
        Assert.Equal((PortState.Down, PortPhysicalState.Disabled), (Switch[1].State, Switch[1].Info.PhysicalState));
        Assert.Equal((PortState.Down, PortPhysicalState.Polling), (Host(1).State, Host(1).Info.PhysicalState));
        Assert.Equal(0, SetPhysical(Switch[0], PortPhysicalState.Polling, 1));
        Assert.Equal((PortState.Initialize, PortState.Initialize), (Host(1).State, Switch[1].State));
    }

    [Fact]
    public void A_cable_that_is_cut_or_pulled_is_reported_once_until_the_manager_has_read_it()
    {
        ClearChange();
        subnet.SetCable(Host(1), isCut: true);
        subnet.Disconnect(Switch[2]);
        Assert.Equal((PortState.Down, PortState.Down, PortState.Down), (Host(1).State, Switch[1].State, Host(2).State));
        Assert.Single(notices);
        ClearChange();
        subnet.SetCable(Switch[1], isCut: false);
        subnet.Connect(Host(2), Switch[5]);
        Assert.Equal((PortState.Initialize, PortState.Initialize), (Host(1).State, Switch[5].State));
        Assert.Equal(2, notices.Count);
        Assert.Throws<InvalidOperationException>(() => subnet.Connect(Host(2), Switch[6]));
    }

    [Fact]
    public void A_set_that_asks_for_too_much_changes_nothing()
    {
        Ask(Host(1), MadMethod.Get, SmpAttribute.PortInfo, 0);
        PortInfo.TryRead(mad.AsSpan(64), out var info);
        (info.Lid, info.OperationalVls, info.State) = (new(77), 5, PortState.NoChange);
        Assert.Equal(MadStatus.InvalidField, Ask(Host(1), MadMethod.Set, SmpAttribute.PortInfo, 0, info.Bytes));
        Assert.Equal(Lid.None, Host(1).Lid);
        info.OperationalVls = 3;
        Assert.Equal(0, Ask(Host(1), MadMethod.Set, SmpAttribute.PortInfo, 0, info.Bytes));
        Assert.Equal((new Lid(77), 3), (Host(1).Lid, (int)Host(1).Info.OperationalVls));
    }

    [Fact]
    public void A_port_answers_to_all_its_lids()
    {
        var port = Host(1);
        (port.Info.Lid, port.Info.Lmc) = (new(8), 2);
        Assert.Equal([false, true, true, true, true, false], Enumerable.Range(7, 6).Select(i => port.Owns(new((ushort)i))));
        Assert.Same(port, subnet.Find(new Lid(11)));
    }

    [Theory]
    [InlineData(0, MadMethod.Get, true, true)]
    [InlineData(1, MadMethod.Get, true, false)]
    [InlineData(2, MadMethod.Get, false, false)]
    [InlineData(3, MadMethod.Get, false, false)]
    [InlineData(0, MadMethod.Set, false, false)]
    [InlineData(1, MadMethod.Set, false, false)]
    public void A_wrong_M_Key_is_treated_by_the_protection_level(int protection, MadMethod method, bool isAnswered, bool isShown)
    {
        ref var info = ref Host(1).Info;
        (info.MKey, info.MKeyProtection) = (0xABCD, (byte)protection);
        var smp = new SmpMad(mad);
        smp.BeginDirected(method, SmpAttribute.PortInfo, 0, 1, []);
        smp.MKey = 0x1111;
        Assert.Equal(isAnswered ? AgentAction.Answer : AgentAction.Drop, SmaAgent.Handle(Host(1), smp, new(9), Instant.Zero));
        Assert.Equal(isAnswered ? 0 : 1, info.MKeyViolations);
        if (isAnswered) Assert.Equal(isShown ? 0xABCDu : 0u, PortInfo.TryRead(mad.AsSpan(64), out var shown) ? shown.MKey : 0);
        else Assert.Equal(256, Assert.Single(notices).TrapNumber);
        smp.BeginDirected(MadMethod.Get, SmpAttribute.PortInfo, 0, 1, []);
        smp.MKey = 0xABCD;
        Assert.Equal(AgentAction.Answer, SmaAgent.Handle(Host(1), smp, new(9), Instant.Zero));
    }

    [Fact]
    public void Protection_ends_when_the_lease_of_an_attacked_key_runs_out()
    {
        ref var info = ref Host(1).Info;
        (info.MKey, info.MKeyProtection, info.MKeyLeasePeriod) = (0xABCD, 3, 10);
        AgentAction Get(double seconds)
        {
            new SmpMad(mad).BeginDirected(MadMethod.Get, SmpAttribute.NodeInfo, 0, 1, []);
            return SmaAgent.Handle(Host(1), new(mad), Lid.None, Instant.Zero + Duration.FromSeconds(seconds));
        }
        Assert.Equal([AgentAction.Drop, AgentAction.Drop, AgentAction.Answer], new[] { Get(1), Get(10.9), Get(11) });
    }

    [Fact]
    public void What_is_for_a_manager_is_delivered()
    {
        var smp = new SmpMad(mad);
        smp.BeginDirected(MadMethod.Get, SmpAttribute.SmInfo, 0, 1, []);
        Assert.Equal(AgentAction.Deliver, SmaAgent.Handle(Host(1), smp, Lid.None, Instant.Zero));
        smp.BeginLidRouted(MadMethod.Trap, SmpAttribute.Notice, 0, 1);
        Assert.Equal(AgentAction.Deliver, SmaAgent.Handle(Host(1), smp, Lid.None, Instant.Zero));
    }

    [Fact]
    public void A_served_request_allocates_nothing()
    {
        Ask(Switch[1], MadMethod.Get, SmpAttribute.PortInfo, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            var smp = new SmpMad(mad);
            smp.BeginDirected(MadMethod.Get, SmpAttribute.PortInfo, 1, 1, []);
            SmaAgent.Handle(Switch[1], smp, Lid.None, Instant.Zero);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private ushort Ask(SubnetPort port, MadMethod method, SmpAttribute attribute, uint modifier, ReadOnlySpan<byte> data = default)
    {
        var smp = new SmpMad(mad);
        smp.BeginDirected(method, attribute, modifier, 42, []);
        data.CopyTo(smp.Data);
        Assert.Equal(AgentAction.Answer, SmaAgent.Handle(port, smp, Lid.None, Instant.Zero));
        Assert.Equal((MadMethod.GetResponse, attribute, modifier, 42ul), (smp.Method, smp.Attribute, smp.Modifier, smp.TransactionId));
        return smp.Status;
    }

    private ushort SetState(SubnetPort port, PortState state, uint number = 0) => Change(port, number, (ref PortInfo info) => info.State = state);
    private ushort SetPhysical(SubnetPort port, PortPhysicalState state, uint number = 0) => Change(port, number, (ref PortInfo info) => info.PhysicalState = state);

    private delegate void Edit(ref PortInfo info);

    /// <summary>As a manager does it: reads the attribute, asks for no change of states, changes one thing, writes it.</summary>
    private ushort Change(SubnetPort port, uint number, Edit edit)
    {
        Assert.Equal(0, Ask(port, MadMethod.Get, SmpAttribute.PortInfo, number));
        PortInfo.TryRead(mad.AsSpan(64), out var info);
        (info.State, info.PhysicalState) = (PortState.NoChange, PortPhysicalState.NoChange);
        edit(ref info);
        return Ask(port, MadMethod.Set, SmpAttribute.PortInfo, number, info.Bytes);
    }

    private void ClearChange()
    {
        var info = Switch.Forwarding!.Info;
        info.PortStateChange = true;
        Assert.Equal(0, Ask(Switch[0], MadMethod.Set, SmpAttribute.SwitchInfo, 0, info.Bytes));
        Assert.False(Switch.Forwarding.Info.PortStateChange);
    }

    private sealed class Recorder(List<Notice> notices) : ISubnetObserver
    {
        public void OnPortState(SubnetPort port) { }
        public void OnNotice(SubnetPort endPort, in Notice notice) => notices.Add(notice);
    }
}
