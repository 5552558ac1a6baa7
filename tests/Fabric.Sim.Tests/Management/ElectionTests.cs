using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Checks;
using Weft.Fabric.Sim.Tests.Subnet;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Management;

public sealed class ElectionTests
{
    private static readonly ManagerOptions Quick = new() { PollInterval = Duration.FromSeconds(1), PollRetries = 3 };

    [Theory]
    [InlineData(5, 3, "h1")] // priority decides
    [InlineData(3, 5, "h2")]
    [InlineData(4, 4, "h1")] // then the lower GUID
    public void The_highest_manager_becomes_master_whoever_starts_first(byte first, byte second, string master)
    {
        foreach (var startsSecond in new[] { true, false })
        {
            var managed = new Managed(Fabrics.Star(3));
            var managers = new[] { managed.Manager("h1", Quick with { Priority = first }), managed.Manager("h2", Quick with { Priority = second }) };
            managed.Run(async w =>
            {
                managers[startsSecond ? 1 : 0].Start();
                await w.Delay(Duration.FromSeconds(2));
                managers[startsSecond ? 0 : 1].Start();
                await w.Until(() => managers[master == "h1" ? 0 : 1].IsUp && managers[master == "h1" ? 1 : 0].State == SmState.Standby, "one master, one standby");
                foreach (var host in new[] { "h1", "h2", "h3" }) Assert.Equal(managed.Subnet.Find(master)![1].Lid, managed.Subnet.Find(host)![1].Info.MasterSmLid);
                Assert.Null(Reachability.Measure(managed.Subnet).FindCutOff());
                await w.Delay(Duration.FromSeconds(60)); // and nothing moves any more
                Assert.Equal((SmState.Master, SmState.Standby), (managers[master == "h1" ? 0 : 1].State, managers[master == "h1" ? 1 : 0].State));
            });
        }
    }

    [Fact]
    public void A_standby_takes_over_when_the_master_dies_and_gives_back_when_it_returns()
    {
        var managed = new Managed(Fabrics.Star(4));
        var (master, standby) = (managed.Manager("h1", Quick with { Priority = 9 }), managed.Manager("h2", Quick));
        managed.Run(async w =>
        {
            await Managed.Up(w, master);
            standby.Start();
            await w.Until(() => standby.State == SmState.Standby, "a standby");
            var lids = managed.Subnet.Nodes.Select(n => n.Ports[^1]!.Lid).ToList();

            var death = w.Now;
            master.Stop();
            managed.Walk.Detach(managed.Subnet.Find("h1")![1]);
            await w.Until(() => standby.IsUp, "the standby takes over");
            Assert.InRange((w.Now - death).TotalSeconds, 1, 10);
            Assert.Equal(lids, managed.Subnet.Nodes.Select(n => n.Ports[^1]!.Lid)); // connections live on
            Assert.Equal(managed.Subnet.Find("h2")![1].Lid, managed.Subnet.Find("h4")![1].Info.MasterSmLid);

            var back = managed.Manager("h1", Quick with { Priority = 9 });
            back.Start();
            await w.Until(() => back.IsUp && standby.State == SmState.Standby, "the old master rules again");
            Assert.Equal(lids, managed.Subnet.Nodes.Select(n => n.Ports[^1]!.Lid));
        });
    }

    /// <summary>As when a standby lost sight of the master for a while: what it wrote is not what the master remembers to have written.</summary>
    [Fact]
    public void A_master_to_whom_another_one_hands_over_writes_everything_again()
    {
        var managed = new Managed(Fabrics.Star(3));
        var (master, other, hub) = (managed.Manager("h1", Quick), managed.Subnet.Find("h2")![1], managed.Subnet.Nodes.First(n => n.IsSwitch));
        managed.Run(async w =>
        {
            await Managed.Up(w, master);
            var table = new byte[SmpTables.LidsPerBlock];
            Array.Fill(table, (byte)0xFF);
            hub.Forwarding!.WriteLinearBlock(0, table);
            Assert.NotNull(Reachability.Measure(managed.Subnet).FindCutOff());
            var (sweeps, mad) = (master.Sweeps, new byte[SmpMad.Length]);
            var handover = new SmpMad(mad);
            handover.BeginLidRouted(MadMethod.Set, SmpAttribute.SmInfo, modifier: 1, 77);
            new SmInfo { PortGuid = other.Guid, State = SmState.Master }.Write(handover.Data);
            master.OnMad(other.Lid, Qpn.Smi, mad);
            await w.Until(() => master.Sweeps > sweeps, "a sweep");
            Assert.Null(Reachability.Measure(managed.Subnet).FindCutOff());
        });
    }

    [Fact]
    public void Two_halves_that_find_together_have_one_master()
    {
        var subnet = Fabrics.Chain(2); // h1 - S1 - S2 - h2
        var cable = subnet.Find("S1")![2];
        subnet.SetCable(cable, isCut: true);
        var managed = new Managed(subnet);
        var (left, right) = (managed.Manager("h1", Quick), managed.Manager("h2", Quick with { Priority = 1 }));
        managed.Run(async w =>
        {
            left.Start();
            right.Start();
            await w.Until(() => left.IsUp && right.IsUp, "two subnets");
            Assert.Equal(subnet.Find("h1")![1].Lid, subnet.Find("h2")![1].Lid);
            subnet.SetCable(cable, isCut: false);
            await w.Until(() => right.IsUp && left.State == SmState.Standby && right.LastSweep!.Switches == 2, "one subnet");
            Assert.Null(Reachability.Measure(subnet).FindCutOff());
            Assert.NotEqual(subnet.Find("h1")![1].Lid, subnet.Find("h2")![1].Lid);
        });
    }
}
