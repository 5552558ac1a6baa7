using Weft.Fabric.Connections;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Protocol.Mad.Smp;
using PortState = Weft.Fabric.Verbs.PortState;

namespace Weft.Fabric.Sim.Tests.InfiniBand;

/// <summary>A subnet that its manager brings up with packets, and keeps up.</summary>
public sealed class ManagedFabricTests
{
    private static void Run(ManagedFabric rig, Func<World, Task> script)
    {
        var result = rig.World.Run(async w =>
        {
            rig.Manager.Start();
            await w.Until(() => rig.Manager.IsUp, "the subnet to be up", Duration.FromSeconds(5));
            await script(w);
            rig.Manager.Stop();
            await w.Idle();
        });
        Assert.True(result.HasPassed, result.ToString());
    }

    [Fact]
    public void The_manager_brings_every_port_up_with_packets()
    {
        var rig = new ManagedFabric();
        Run(rig, async w => await w.Delay(Duration.FromMilliseconds(10)));
        Assert.All(rig.Adapters, a => Assert.Equal((PortState.Active, true), (a.Device.Verbs.QueryPort(1).State, a.Device.Ports[0].Lid.Value > 0)));
        Assert.Equal(rig.Adapters.Count, rig.Adapters.Select(a => a.Device.Ports[0].Lid).Distinct().Count());
        Assert.All(rig.Adapters, a => Assert.True(a.Model[1].Counters.RcvPackets > 5));
        Assert.True(rig.Manager.LastSweep!.IsComplete, rig.Manager.LastSweep.ToString());
    }

    [Fact]
    public void Traffic_goes_on_after_a_spine_has_died_and_the_manager_has_routed_round_it()
    {
        var rig = new ManagedFabric();
        Run(rig, async w =>
        {
            var hosts = rig.Adapters.Select(a => new VerbsHost(a)).ToList();
            var (a, b) = (hosts[0], hosts[1]);
            a.Create(QpType.ReliableConnected);
            b.Create(QpType.ReliableConnected);
            a.Connect(b);
            b.Connect(a);
            await Write(w, a, b);
            var used = rig.Switches[0].Model.Forwarding!.PortOf(new(b.Number)) - 7;
            var sweeps = rig.Manager.Sweeps;
            rig.Switches[2 + used].Node.Kill();
            await Write(w, a, b);
            Assert.True(rig.Manager.Sweeps > sweeps);
            Assert.True(rig.Manager.Traps > 0);
            Assert.NotEqual(used, rig.Switches[0].Model.Forwarding!.PortOf(new(b.Number)) - 7);

            rig.Switches[2 + used].Node.Restart();
            await w.Delay(Duration.FromSeconds(1));
            Assert.Equal(Protocol.Mad.Smp.PortState.Active, rig.Switches[2 + used].Model[1].State);
            rig.Switches[3 - used].Node.Kill();
            await Write(w, a, b);
        });

        static async Task Write(World w, VerbsHost a, VerbsHost b)
        {
            a.Post(WorkOpcode.RdmaWrite, 50_000, b);
            List<WorkCompletion> done = [];
            await w.Until(() => (done = a.Poll()).Count > 0, "the write to end", Duration.FromSeconds(30));
            Assert.Equal(CompletionStatus.Success, Assert.Single(done).Status);
        }
    }

    [Fact]
    public void The_RDMA_CM_asks_the_SA_for_its_route_and_is_told_when_there_is_none()
    {
        var rig = new ManagedFabric();
        var events = new EventList();
        Run(rig, async w =>
        {
            var (a, b) = (rig.Adapters[0].Device, rig.Adapters[3].Device);
            foreach (var destination in new[] { b.Ports[0].GidAt(0), Gid.Parse("fe80::dead") })
            {
                var id = a.Verbs.ConnectionManager.CreateId(PortSpace.Tcp, events);
                Assert.Null(id.ResolveAddress(new(destination, 7174), Duration.FromSeconds(2)));
                await w.Until(() => events.Take(CmEventType.AddressResolved), "the address", Duration.FromSeconds(1));
                Assert.Null(id.ResolveRoute(Duration.FromSeconds(6)));
                await w.Until(() => events.Seen.Count > 0, "the route", Duration.FromSeconds(6));
                if (events.Take(CmEventType.RouteResolved)) Assert.Equal((b.Ports[0].Lid, false), (id.Path.DestinationLid, id.Path.IsGlobal));
                else Assert.True(events.Take(CmEventType.RouteError) && destination != b.Ports[0].GidAt(0));
                id.Destroy();
            }
        });
        Assert.Empty(events.Seen);
    }

    private sealed class EventList : ICmEventHandler
    {
        public List<CmEventType> Seen { get; } = [];
        public void OnCmEvent(in CmEvent e) => Seen.Add(e.Type);
        public bool Take(CmEventType type) => Seen.Remove(type);
    }

    [Fact]
    public void A_cable_that_is_pulled_and_plugged_is_told_to_the_manager_and_comes_up_again()
    {
        var rig = new ManagedFabric();
        Run(rig, async w =>
        {
            var cable = rig.Fabric.CableOf(rig.Adapters[2].Model[1])!;
            var verbs = rig.Adapters[2].Device.Verbs;
            var lid = verbs.QueryPort(1).Lid;
            cable.SetUp(false);
            await w.Until(() => verbs.QueryPort(1).State == PortState.Down, "the port to be down", Duration.FromSeconds(1));
            await w.Delay(Duration.FromMilliseconds(100));
            cable.SetUp(true);
            await w.Until(() => verbs.QueryPort(1).State == PortState.Active, "the port to be active again", Duration.FromSeconds(5));
            Assert.Equal(lid, verbs.QueryPort(1).Lid);
            Assert.Equal(1UL, rig.Adapters[2].Model[1].Counters.LinkDowned);
        });
    }
}
