using Weft.Fabric.Engine.Management;
using Weft.Fabric.Engine.Sa;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Partitions;
using Weft.Fabric.Sim.Nodes;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Mad.DeviceManagement;
using Weft.Protocol.Mad.Smp;
using Weft.Target.Commands;
using Weft.Target.Luns;
using Weft.Target.Srp;
using IserLab = Weft.Target.Tests.Iser.Lab;

namespace Weft.Target.Tests.Srp;

/// <summary>SRP over a subnet that a manager has brought up: targets found through its SA, logged in to with the string that was found.</summary>
public class ManagedSubnetTests
{
    private sealed class Rig
    {
        public Rig(World world, Func<Rig, PartitionPolicy>? partitions = null)
        {
            Fabric = new(world);
            var leaf = Fabric.AddSwitch("s1", 8, new(0x5000));
            foreach (var (name, at) in new[] { "sm", "target", "near", "far" }.Select((n, i) => (n, i)))
            {
                var adapter = Fabric.AddAdapter(name, new(0x0002_c903_0000_0000ul + (ulong)at * 0x10));
                Fabric.Connect(adapter.Model[1], leaf.Model[at + 1]);
                adapter.Start(adapter.Node);
                Adapters.Add(name, adapter);
            }
            var target = Adapters["target"];
            Units.Luns.Default.Add(0, new DiskUnit(new RamStore("ram", 16384)));
            Target = new(target.Node, Units);
            var port = new SrpPort(Target, target.Device.Verbs);
            Target.Enable();
            port.ListenInfiniBand();
            var agent = new DeviceManagementAgent();
            agent.Add(SrpProfile.Of(port));
            _ = new DeviceManagementService(target.Device.MadPorts[0], agent);
            target.Model[1].Info.Capabilities |= PortCapabilities.DeviceManagement;
            Manager = new(Adapters["sm"].Node, new AdapterManagementPort(Adapters["sm"]), new() { Partitions = partitions?.Invoke(this) ?? PartitionPolicy.Open });
            Manager.Start();
        }

        public IbFabric Fabric { get; }
        public Dictionary<string, IbAdapterNode> Adapters { get; } = [];
        public TargetDevice Units { get; } = new("disk", announcesPowerOn: false);
        public SrpTarget Target { get; }
        public SubnetManager Manager { get; }

        public async Task<List<string>> Discover(World world, string host)
        {
            var (node, device) = (Adapters[host].Node, Adapters[host].Device);
            var discovery = new TargetDiscovery(new SaTableClient(node, device.Ports[0], device.MadPorts[0]), new DeviceManagementClient(node, device.MadPorts[0]), device.Ports[0]);
            List<string>? lines = null;
            discovery.Begin((found, problem) =>
            {
                Assert.Null(problem);
                lines = [.. found.SelectMany(p => SrpDiscovery.Commands(p.Query.Controllers, p.Gid, p.PKey.Value))];
            });
            await world.Until(() => lines is not null, "the targets", Duration.FromSeconds(60));
            return lines!;
        }

        public async Task Stop(World world)
        {
            var stopped = false;
            Target.Stop(() => stopped = true);
            await world.Until(() => stopped, "the target to stop");
            Manager.Stop();
        }
    }

    [Fact]
    public void A_target_that_the_SA_knows_is_logged_in_to_over_the_path_that_it_gives() => IserLab.Run(async world =>
    {
        var rig = new Rig(world);
        await world.Until(() => rig.Manager.IsUp, "the subnet", Duration.FromSeconds(5));
        var line = Assert.Single(await rig.Discover(world, "near"));
        Assert.Equal("id_ext=0002c90300000010,ioc_guid=0002c90300000010,dgid=fe800000000000000002c90300000011,pkey=ffff,service_id=0002c90300000010", line);
        var near = rig.Adapters["near"].Device;
        var host = new InitiatorHost(near.Verbs, "iqn.2026-01.weft:i") { Paths = near.Paths };
        var session = await host.LoginAsync(SrpAddTarget.TryParse(line, out _)!, new() { MaxRegistrationLength = 4096 });
        var disk = session.OpenDisk(0);
        await disk.ReadCapacityAsync();
        var written = Enumerable.Range(0, 32768).Select(i => (byte)(i * 13 + (i >> 9))).ToArray();
        await disk.WriteAsync(9, written);
        var read = new byte[written.Length];
        await disk.ReadAsync(9, read);
        Assert.True(read.AsSpan().SequenceEqual(written));
        await session.LogoutAsync();
        await rig.Stop(world);
    });

    [Fact]
    public void A_host_of_another_partition_finds_no_target() => IserLab.Run(async world =>
    {
        var rig = new Rig(world, r =>
        {
            string Guid(string name) => r.Adapters[name].Model[1].Guid.ToString();
            Assert.True(PartitionPolicy.TryParse($"Storage=0x10 : {Guid("target")}=full, {Guid("near")} ; Other=0x11 : {Guid("far")}=full ;", out var policy, out var error), error);
            return policy;
        });
        await world.Until(() => rig.Manager.IsUp, "the subnet", Duration.FromSeconds(5));
        Assert.Empty(await rig.Discover(world, "far"));
        await rig.Stop(world);
    });
}
