using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Partitions;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Tests.Subnet;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Management;

/// <summary>Lanes of service levels, arbitration between lanes, and the levels of partitions' paths.</summary>
public sealed class QosTests
{
    /// <summary>Every second level on the lane of the one before; lane 1 preferred.</summary>
    private static readonly QosPolicy Policy = new()
    {
        LaneOfLevel = [0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 15, 15], High = [(1, 200)], Low = [(0, 10), (9, 20), (2, 0)], HighLimit = 7,
    };

    private static IEnumerable<SubnetPort> Cabled(IbSubnet subnet) => subnet.Nodes.SelectMany(n => n.Ports.ToArray()).Where(p => p?.Peer is not null).Select(p => p!);

    private static byte[] Lanes(SubnetPort port, int from)
    {
        var lanes = new byte[16];
        for (var sl = 0; sl < 16; sl++) lanes[sl] = (byte)port.Vl(from, sl);
        return lanes;
    }

    [Fact]
    public void Every_link_gets_the_lanes_and_weights_of_the_policy_as_far_as_it_has_lanes()
    {
        var subnet = Fabrics.Star(3);
        subnet.Find("h2")![1].Info.VlCap = 3; // four lanes instead of eight, and so has its link
        var managed = new Managed(subnet);
        var manager = managed.Manager("h1", new() { Qos = Policy });
        managed.Run(async w =>
        {
            await Managed.Up(w, manager);
            Assert.Equal((0, 0L), (manager.LastSweep!.Refused, manager.LastSweep.Unanswered));
            byte[] eight = [0, 0, 2, 2, 4, 4, 6, 6, 0, 0, 2, 2, 4, 4, 15, 15], four = [0, 0, 2, 2, 0, 0, 2, 2, 0, 0, 2, 2, 0, 0, 15, 15];
            foreach (var port in Cabled(subnet))
            {
                var isNarrow = port.Node.Id == "h2" || port.Peer!.Node.Id == "h2";
                for (var from = 0; from <= (port.Node.IsSwitch ? port.Node.PortCount : 0); from++) Assert.Equal(isNarrow ? four : eight, Lanes(port, from));
                Assert.Equal([0, 10, 1, 20, 2, 0, 0, 0], port.Arbitration(1)[..8].ToArray());
                Assert.Equal([1, 200, 0, 0], port.Arbitration(3)[..4].ToArray());
                Assert.Equal(7, port.Info.VlHighLimit);
            }

            // What has been written stays unless a link comes up anew.
            manager.RequestSweep();
            await w.Until(() => manager.LastSweep!.Orders == 0, "a sweep that has nothing to order");
            subnet.Disconnect(subnet.Find("h3")![1]);
            subnet.Connect(subnet.Find("h3")![1], subnet.Find("S")![7]);
            manager.RequestSweep();
            await w.Until(() => subnet.Find("h3")![1].State == PortState.Active, "the link");
            Assert.Equal(eight, Lanes(subnet.Find("S")![7], 1));
            manager.Stop();
        });
    }

    [Fact]
    public void Without_a_policy_lanes_stay_as_the_devices_have_them()
    {
        var subnet = Fabrics.Star(2);
        byte[] factory = Lanes(subnet.Find("h1")![1], 0);
        var managed = new Managed(subnet);
        var manager = managed.Manager("h1");
        managed.Run(w => Managed.Up(w, manager));
        Assert.All(Cabled(subnet), port => Assert.Equal(factory, Lanes(port, 0)));
    }

    [Fact]
    public void The_administration_shows_lanes_and_weights_and_gives_paths_the_level_of_their_partition()
    {
        var subnet = Fabrics.Star(3);
        string Guid(string id) => subnet.Find(id)![1].Guid.ToString();
        Assert.True(PartitionPolicy.TryParse($"Default=0x7fff, sl=2 : ALL=full ;\nRed=5, ipoib, sl=3 : {Guid("h2")}=full, {Guid("h3")}=full ;", out var partitions, out var error), error);
        var managed = new Managed(subnet);
        var manager = managed.Manager("h1", new() { Qos = Policy, Partitions = partitions });
        var probe = managed.Client("h2");
        managed.Run(async w =>
        {
            await Managed.Up(w, manager);
            var (own, far) = (subnet.Find("h2")![1].Lid, subnet.Find("h3")![1].Lid);
            async Task<PathRecord?> Path(ushort key, byte? level = null)
            {
                string[] components = [nameof(PathRecord.SourceLid), nameof(PathRecord.DestinationLid), nameof(PathRecord.PKey), .. level is null ? (string[])[] : [nameof(PathRecord.ServiceLevel)]];
                await probe.Query(w, MadMethod.GetTable, new PathRecord { SourceLid = own, DestinationLid = far, PKey = new(key), ServiceLevel = level ?? 0 }, components);
                return probe.Count == 0 ? null : probe.Record<PathRecord>();
            }

            Assert.Equal((byte)2, (await Path(0xFFFF))!.Value.ServiceLevel);
            Assert.Equal((byte)3, (await Path(0x8005))!.Value.ServiceLevel);
            Assert.NotNull(await Path(0x8005, 3));
            Assert.Null(await Path(0x8005, 2));

            async Task<int> Table(SaAttribute attribute, Lid lid)
            {
                probe.Ask(MadMethod.GetTable, attribute, 1, [(byte)(lid.Value >> 8), (byte)lid.Value]);
                await w.Until(() => probe.HasAnswer, "a table");
                return probe.Count;
            }

            Assert.Equal(1, await Table(SaAttribute.SlToVlMappingRecord, own));
            Assert.Equal("00224466002244FF", Convert.ToHexString(probe.Records, 8, 8));
            Assert.Equal(3 * 9, await Table(SaAttribute.SlToVlMappingRecord, subnet.Find("S")![0].Lid)); // from each port, 0 too, to each that is cabled
            Assert.Equal(2, await Table(SaAttribute.VlArbitrationRecord, own));
            Assert.Equal((1, 10, 3, 200), (probe.Records[3], probe.Records[9], probe.Records[probe.Stride + 3], probe.Records[probe.Stride + 9]));
            Assert.Equal(3 * 2, await Table(SaAttribute.VlArbitrationRecord, subnet.Find("S")![0].Lid));
            manager.Stop();
        });
    }
}
