using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Checks;
using Weft.Fabric.Sim.Management.Partitions;
using Weft.Fabric.Sim.Management.Routing;
using Weft.Fabric.Sim.Tests.Subnet;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Management;

public sealed class SweepTests
{
    [Fact]
    public void A_star_comes_up_with_lids_and_active_links()
    {
        var managed = new Managed(Fabrics.Star(4));
        var manager = managed.Manager("h2");
        managed.Run(w => Managed.Up(w, manager));
        Assert.Equal(SmState.Master, manager.State);
        var report = manager.LastSweep!;
        Assert.Equal((1, 4, 5, 4, 0, 0L), (report.Switches, report.Adapters, report.Ports, report.Links, report.Refused, report.Unanswered));
        Assert.Equal(new Lid(1), managed.Subnet.Find("h2")![1].Lid);
        foreach (var node in managed.Subnet.Nodes)
            foreach (var port in node.Ports)
                if (port?.Peer is not null) Assert.Equal((PortState.Active, new Lid(1)), (port.State, port.EndPort.Info.MasterSmLid));
        var reach = Reachability.Measure(managed.Subnet);
        Assert.Null(reach.FindCutOff());
        Assert.Equal(25, reach.TalkingPairs);
    }

    [Theory]
    [InlineData(1, false, 0)]
    [InlineData(3, false, 0)]
    [InlineData(3, true, 0)]
    [InlineData(2, false, 2)]
    public void A_fat_tree_comes_up_and_everybody_reaches_everybody(int k, bool usesUpDown, byte lmc)
    {
        var managed = new Managed(Managed.FatTree(k));
        var manager = managed.Manager("h0", new() { UsesUpDown = usesUpDown, Lmc = lmc });
        managed.Run(w => Managed.Up(w, manager));
        Assert.True(manager.LastSweep!.IsComplete, manager.LastSweep.ToString());
        Assert.Equal((5 * k * k, 2 * k * k * k), (manager.LastSweep.Switches, manager.LastSweep.Adapters));
        var reach = Reachability.Measure(managed.Subnet);
        for (var to = 0; to < reach.Ports.Count; to++)
            for (var from = 0; from < reach.Ports.Count; from++)
            {
                Assert.True(reach.MayTalk(from, to));
                // Up and down does not lead from one top switch to another, and nothing needs it.
                var areTops = usesUpDown && reach.Ports[from].Node.IsSwitch && reach.Ports[to].Node.IsSwitch;
                Assert.True(reach.IsConnected(from, to) || areTops, $"{reach.Ports[from]} to {reach.Ports[to]}");
            }
        Assert.Null(DeadlockCheck.FindCycle(manager.Routes!));
    }

    [Fact]
    public void The_manager_may_sit_on_a_switch_and_hosts_back_to_back_need_none()
    {
        var managed = new Managed(Fabrics.Chain(3));
        var manager = managed.Manager("S2");
        managed.Run(w => Managed.Up(w, manager));
        Assert.Null(Reachability.Measure(managed.Subnet).FindCutOff());
        managed = new(Fabrics.Chain(0));
        manager = managed.Manager("h1");
        managed.Run(w => Managed.Up(w, manager));
        Assert.Equal(4, Reachability.Measure(managed.Subnet).TalkingPairs);
    }

    [Fact]
    public void Partitions_decide_who_may_talk()
    {
        var managed = new Managed(Managed.FatTree(2)); // h0..h15
        ulong Guid(int host) => managed.Subnet.Find("h" + host)![1].Guid.Value;
        Assert.True(PartitionPolicy.TryParse(
            $"Red=0x1 : 0x{Guid(1):x}=full, 0x{Guid(2):x}=full ; Blue=0x2 : 0x{Guid(2):x}=full, 0x{Guid(3):x}, 0x{Guid(9):x} ;", out var policy, out var error), error);
        var manager = managed.Manager("h0", new() { Partitions = policy });
        managed.Run(w => Managed.Up(w, manager));
        var reach = Reachability.Measure(managed.Subnet);
        Assert.Null(reach.FindCutOff());
        int At(int host) => reach.Ports.ToList().IndexOf(managed.Subnet.Find("h" + host)![1]);
        // All are limited members of the default partition but the manager's port.
        Assert.True(reach.MayTalk(At(0), At(5)) && reach.MayTalk(At(5), At(0)));
        Assert.False(reach.MayTalk(At(5), At(6)));
        Assert.True(reach.MayTalk(At(1), At(2)) && reach.MayTalk(At(2), At(3)) && reach.MayTalk(At(9), At(2)));
        Assert.False(reach.MayTalk(At(1), At(3)) || reach.MayTalk(At(3), At(9))); // two limited members
        var gate = managed.Subnet.Find("h3")![1].Peer!;
        Assert.True(gate.Info.PartitionEnforcementInbound && gate.Info.PartitionEnforcementOutbound);
        Assert.Equal((new PKey(0xFFFF), new PKey(0x8002), default), (gate.PKeys[0], gate.PKeys[1], gate.PKeys[2]));
        // Exactly the pairs of the policy, over all pairs.
        foreach (var (a, i) in reach.Ports.Select((p, i) => (p, i)))
            foreach (var (b, j) in reach.Ports.Select((p, j) => (p, j)))
            {
                List<PKey> Keys(Sim.Subnet.SubnetPort p) => policy.KeysOf(p.Guid, p.Node.IsSwitch ? MemberKind.AllSwitches : MemberKind.AllAdapters, p.Node.Id == "h0");
                Assert.Equal(i == j || Keys(a).Exists(x => Keys(b).Exists(y => x.Matches(y))), reach.MayTalk(i, j));
            }
    }

    [Fact]
    public void A_second_sweep_writes_nothing_new_and_a_change_is_found_by_its_trap()
    {
        var managed = new Managed(Managed.FatTree(2));
        var manager = managed.Manager("h0");
        managed.Run(async w =>
        {
            await Managed.Up(w, manager);
            await w.Delay(Duration.FromSeconds(30));
            Assert.Equal(1, manager.Sweeps); // looked three times and saw nothing
            manager.RequestSweep();
            await w.Until(() => manager.Sweeps == 2, "another sweep");
            Assert.Equal((0L, 0L, 0), (manager.LastSweep!.Orders, manager.LastSweep.Unanswered, manager.LastSweep.Refused));

            var before = w.Now;
            var cut = managed.Subnet.Find("A0")![1];
            managed.Subnet.SetCable(cut, isCut: true);
            await w.Until(() => manager.Sweeps > 2 && manager.LastSweep!.Links == 47, "routes around the cut");
            Assert.True(w.Now - before < Duration.FromSeconds(1));
            Assert.True(manager.Traps > 0);
            Assert.Null(Reachability.Measure(managed.Subnet).FindCutOff());

            managed.Subnet.SetCable(cut, isCut: false);
            await w.Until(() => manager.LastSweep!.Links == 48, "the cable is back");
            Assert.Null(Reachability.Measure(managed.Subnet).FindCutOff());
        });
    }

    [Fact]
    public void A_host_that_goes_and_comes_keeps_its_lid()
    {
        var managed = new Managed(Fabrics.Star(3));
        var manager = managed.Manager("h1");
        managed.Run(async w =>
        {
            await Managed.Up(w, manager);
            var host = managed.Subnet.Find("h3")![1];
            var lid = host.Lid;
            managed.Subnet.SetCable(host, isCut: true);
            await w.Until(() => manager.LastSweep!.Adapters == 2, "the host is gone");
            host.Info.Lid = Lid.None; // it has been switched off and on
            managed.Subnet.SetCable(host, isCut: false);
            await w.Until(() => manager.LastSweep!.Adapters == 3, "the host is back");
            Assert.Equal((lid, PortState.Active), (host.Lid, host.State));
        });
    }

    [Fact]
    public void A_host_that_comes_while_another_is_away_does_not_get_its_lid()
    {
        var managed = new Managed(Fabrics.Star(4));
        var manager = managed.Manager("h1");
        var (away, late) = (managed.Subnet.Find("h3")![1], managed.Subnet.Find("h4")![1]);
        managed.Subnet.SetCable(late, isCut: true);
        managed.Run(async w =>
        {
            await Managed.Up(w, manager);
            var lid = away.Lid;
            managed.Subnet.SetCable(away, isCut: true);
            await w.Until(() => manager.LastSweep!.Adapters == 2, "the host is gone");
            managed.Subnet.SetCable(late, isCut: false);
            await w.Until(() => manager.LastSweep!.Adapters == 3, "another has come");
            Assert.NotEqual(Lid.None, late.Lid);
            Assert.NotEqual(lid, late.Lid);
            managed.Subnet.SetCable(away, isCut: false);
            await w.Until(() => manager.LastSweep!.Adapters == 4, "the host is back");
            Assert.Equal((lid, PortState.Active), (away.Lid, away.State));
        });
    }

    [Fact]
    public void A_port_that_cries_all_the_time_does_not_keep_the_subnet_sweeping()
    {
        var managed = new Managed(Fabrics.Star(3));
        var manager = managed.Manager("h1");
        managed.Run(async w =>
        {
            await Managed.Up(w, manager);
            var observer = (Sim.Subnet.ISubnetObserver)managed.Walk;
            var port = managed.Subnet.Find("S")![0];
            for (var i = 0; i < 200; i++)
            {
                observer.OnNotice(port, Sim.Subnet.Notices.PortStateChange(port));
                await w.Delay(Duration.FromMilliseconds(10));
            }
            Assert.Equal((200L, 190L), (manager.Traps, manager.IgnoredTraps));
            Assert.True(manager.Sweeps <= 12);
        });
    }
}
