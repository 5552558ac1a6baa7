using Weft.Fabric.Connections;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Partitions;
using Weft.Fabric.Verbs;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Tools.Rping;

namespace Weft.Scenarios.Catalog;

/// <summary>Two targets with one initiator each, in partitions of their own; two limited members of a third, and its full one.</summary>
internal sealed class Partitions : Scenario
{
    private const ushort Red = 0x0011, Blue = 0x0012, Green = 0x0013;

    public override string Name => "partitions";
    public override string Claim => "Hosts reach who shares a partition with them and nobody else, limited members only full ones, whether they ask the SA or not.";
    public override string Source => "IBA 10.9.3 and 10.9.4";
    public override string CaptureAt => "blue";
    public override IReadOnlyList<Setting> Settings { get; } = [.. CommonSettings.InfiniBandLinks];

    public override async Task RunAsync(ScenarioWorld world)
    {
        var subnet = world.UseSubnet(new(Manager: new() { Partitions = Policy() }, SwitchPorts: SubnetShape.FewPorts));
        var (red, blue) = (world.AddTarget("red"), world.AddTarget("blue"));
        var (ofRed, ofBlue) = (world.AddInitiator("of-red"), world.AddInitiator("of-blue"));
        var (limited, other, full) = (world.AddHost("limited"), world.AddHost("other"), world.AddHost("full"));
        await world.ClaimWithin(Duration.FromSeconds(30), () => ScenarioSubnet.IsWhole(subnet.Manager!), "sweep", Source, "the manager brings the subnet up");

        await ReadAndWriteAsync(world, ofRed, red);
        await ReadAndWriteAsync(world, ofBlue, blue);
        await ClaimOutOfReachAsync(world, ofRed, blue, "of-red", "blue");
        await ClaimOutOfReachAsync(world, ofBlue, red, "of-blue", "red");
        await ClaimIntruderIsRefusedAsync(world, world.Hosts[2], blue.Host);
        await ClaimPingAsync(world, limited, full, isReachable: true);
        await ClaimPingAsync(world, limited, other, isReachable: false);
    }

    private static PartitionPolicy Policy()
    {
        string[] hosts = [.. Enumerable.Range(0, 7).Select(i => $"0x{ScenarioSubnet.PortGuid(i).Value:x16}")];
        var text = $"""
            Default=0x7fff : ALL=limited, SELF=full ;
            Red=0x{Red:x4} : {hosts[0]}=full, {hosts[2]}=full ;
            Blue=0x{Blue:x4} : {hosts[1]}=full, {hosts[3]}=full ;
            Green=0x{Green:x4} : {hosts[4]}=limited, {hosts[5]}=limited, {hosts[6]}=full ;
            """;
        return PartitionPolicy.TryParse(text, out var policy, out var error) ? policy : throw new InvalidOperationException(error);
    }

    private async Task ReadAndWriteAsync(ScenarioWorld world, InitiatorHost initiator, TargetNode target)
    {
        var session = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint), "reach", Source);
        var disk = session.OpenDisk(0);
        await world.ClaimDone(async () => await disk.ReadCapacityAsync(), "reach", Source);
        await world.ClaimDone(() => disk.WriteAsync(0, new byte[4096]), "reach", Source);
        await world.ClaimDone(() => disk.ReadAsync(0, new byte[4096]), "reach", Source);
        await session.LogoutAsync();
    }

    private async Task ClaimOutOfReachAsync(ScenarioWorld world, InitiatorHost initiator, TargetNode target, string from, string to)
    {
        try
        {
            await initiator.LoginAsync(TargetNode.TargetName, target.Endpoint);
        }
        catch (LoginException)
        {
            return;
        }
        world.Claim(false, "isolation", Source, $"{from} cannot log in to {to}, with which it shares no partition, and it could");
    }

    /// <summary>Who knows the LID of a target and sends with the key that it has, without asking anybody, is stopped by the check of the key.</summary>
    private async Task ClaimIntruderIsRefusedAsync(ScenarioWorld world, ScenarioHost from, ScenarioHost to)
    {
        var events = new CmEventList();
        var id = from.Device.ConnectionManager.CreateId(PortSpace.InfiniBand, events);
        var domain = from.Device.AllocateProtectionDomain();
        var queue = from.Device.CreateCompletionQueue(16, null);
        var (own, there) = (from.Device.QueryPort(1), to.Device.QueryPort(1));
        ConnectionPath Along(ushort key) => new(from.Address, to.Address, own.Lid, there.Lid, new((ushort)(key | 0x8000)), 0, PathMtu.Mtu2048, PacketLifetime: 1);
        var foreign = id.UsePath(Along(Blue), ServiceId.For(PortSpace.Tcp, TargetNode.Port));
        world.Claim(foreign?.Code == VerbsErrorCode.NotFound, "foreign-key", "IBA 11.2.5.2", $"a key that is not in the port's table cannot be used, and the answer was {foreign}");
        var refused = id.UsePath(Along(Red), ServiceId.For(PortSpace.Tcp, TargetNode.Port)) ?? id.CreateQueuePair(domain, new(QpType.ReliableConnected, queue, queue)) ?? id.Connect(new());
        world.Claim(refused is null, "send", Source, $"a port may send with its own key, and was refused: {refused}");
        await world.Until(() => events.Seen.Count > 0, "the request to be given up", NetworkConduct.Patience);
        world.Claim(events.Seen[0] == CmEventType.Unreachable, "intruder", Source, $"requests with a foreign key get no answer, and this one got {events.Seen[0]}");
        var stopped = Stopped(world.Subnet) + to.Adapter!.Model[1].Info.PKeyViolations;
        world.Claim(stopped > 0, "counted", "IBA 10.9.4", "packets with a foreign key are counted where they are stopped, and none was");
        id.Destroy();
        queue.Destroy();
        domain.Deallocate();
    }

    private static long Stopped(ScenarioSubnet subnet)
    {
        var sum = 0UL;
        foreach (var port in subnet.Leaves[0].Model.Ports) sum += port!.Counters.RcvConstraintErrors + port.Counters.XmitConstraintErrors;
        return (long)sum;
    }

    private async Task ClaimPingAsync(ScenarioWorld world, ScenarioHost from, ScenarioHost to, bool isReachable)
    {
        var failure = await RpingEnds.PingAsync(world, from, to, new(3, 64), isReachable);
        world.Claim(failure is null == isReachable, "limited", Source,
            $"{from.Name} {(isReachable ? "reaches" : "does not reach")} {to.Name}, but: {failure ?? "it did"}");
    }

    private sealed class CmEventList : ICmEventHandler
    {
        public List<CmEventType> Seen { get; } = [];
        public void OnCmEvent(in CmEvent e) => Seen.Add(e.Type);
    }
}
