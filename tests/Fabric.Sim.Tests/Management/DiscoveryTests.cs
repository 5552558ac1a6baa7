using Weft.Fabric.Engine.Management;
using Weft.Fabric.Engine.Sa;
using Weft.Fabric.Sim.Management.Checks;
using Weft.Fabric.Sim.Nodes;
using Weft.Protocol.Mad.DeviceManagement;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Management;

/// <summary>Targets are found over the subnet: which ports have device management says the SA, what is behind them they say themselves.</summary>
public sealed class DiscoveryTests
{
    private static void Offer(IbAdapterNode adapter, ulong idExt)
    {
        adapter.Model[1].Info.Capabilities |= PortCapabilities.DeviceManagement;
        var agent = new DeviceManagementAgent();
        var profile = new byte[IoControllerProfile.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(profile, adapter.Model.Guid.Value);
        Convert.FromHexString("0100609E01080001").CopyTo(profile, 28); // SRP class, subclass, protocol, version
        profile[54] = 1;
        Assert.True(IoControllerProfile.TryRead(profile, out var read));
        agent.Add(new(read, [new($"SRP.T10:{idExt:x16}", idExt)]));
        _ = new DeviceManagementService(adapter.Device.MadPorts[0], agent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public void Targets_are_found_and_printed_as_ibsrpdm_does(int lossPpm)
    {
        var (world, fabric) = WorldTests.Build(lossPpm);
        var adapters = fabric.Adapters.ToList();
        Offer(adapters[2], 0x77);
        Offer(adapters[4], 0x78);
        var manager = WorldTests.Manager(fabric, 0, WorldTests.Quick);
        var (node, device) = (adapters[5].Node, adapters[5].Device);
        var administration = new SaTableClient(node, device.Ports[0], device.MadPorts[0]);
        var discovery = new TargetDiscovery(administration, new DeviceManagementClient(node, device.MadPorts[0]), device.Ports[0]);
        var result = world.Run(async w =>
        {
            manager.Start();
            await w.Until(() => manager.IsUp && Reachability.Measure(fabric.Subnet).FindCutOff() is null, "the subnet is up", Duration.FromSeconds(120));
            SaTable? nodes = null;
            administration.Ask(new NodeRecord(), [], 0, t => nodes = t);
            await w.Until(() => nodes is not null, "all nodes", Duration.FromSeconds(60));
            Assert.Equal((null, fabric.Subnet.Nodes.Count, 112), (nodes!.Problem, nodes.Count, nodes.Stride));

            IReadOnlyList<DiscoveredPort>? ports = null;
            discovery.Begin((found, problem) =>
            {
                Assert.Null(problem);
                ports = found;
            });
            await w.Until(() => ports is not null, "the targets", Duration.FromSeconds(120));
            Assert.Equal(
                new[] { adapters[2], adapters[4] }.Select((a, i) => $"id_ext={0x77 + i:x16},ioc_guid={a.Model.Guid.Value:x16},dgid=fe80000000000000{a.Model[1].Guid.Value:x16},pkey=ffff,service_id={0x77 + i:x16}").Order(),
                ports!.SelectMany(p => SrpDiscovery.Commands(p.Query.Controllers, p.Gid, p.PKey.Value)).Order());
            manager.Stop();
        });
        Assert.True(result.HasPassed, result.ToString());
    }
}
