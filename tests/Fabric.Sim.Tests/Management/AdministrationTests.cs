using System.Text;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Partitions;
using Weft.Fabric.Sim.Tests.Subnet;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Management;

public sealed class AdministrationTests
{
    private static Gid GidOf(Managed managed, string host) => Gid.LinkLocal(managed.Subnet.Find(host)![1].Guid);

    private static void WithSubnet(Sim.Subnet.IbSubnet subnet, ManagerOptions options, Func<World, Managed, SubnetManager, SaProbe, Task> script)
    {
        var managed = new Managed(subnet);
        var manager = managed.Manager(subnet.Find("h1")!.Id, options);
        var probe = managed.Client("h2");
        managed.Run(async w =>
        {
            await Managed.Up(w, manager);
            probe.ManagerLid = managed.Subnet.Find("h1")![1].Lid;
            await script(w, managed, manager, probe);
        });
    }

    [Fact]
    public void All_nodes_come_in_one_answer_of_many_segments() =>
        WithSubnet(Managed.FatTree(3), new(), async (w, managed, manager, probe) =>
        {
            await probe.Query(w, MadMethod.GetTable, new NodeRecord(), []);
            Assert.Equal((SaStatus.Ok, 112, 45 + 54), (probe.Header.Status, probe.Stride, probe.Count));
            var guids = Enumerable.Range(0, probe.Count).Select(i => probe.Record<NodeRecord>(i).NodeGuid).ToHashSet();
            Assert.Equal(managed.Subnet.Nodes.Select(n => n.Guid).ToHashSet(), guids);
            await probe.Query(w, MadMethod.GetTable, new NodeRecord { NodeType = 2 }, ["NodeType"]);
            Assert.Equal(45, probe.Count);
            await probe.Query(w, MadMethod.Get, new NodeRecord { Lid = managed.Subnet.Find("h7")![1].Lid }, ["Lid"]);
            Assert.StartsWith("host 7\0", Encoding.ASCII.GetString(probe.Record<NodeRecord>().Description), StringComparison.Ordinal);
            await probe.Query(w, MadMethod.GetTable, new LinkRecord(), []);
            Assert.Equal(2 * manager.LastSweep!.Links, probe.Count);
        });

    [Fact]
    public void A_path_has_lids_and_the_least_of_its_links() =>
        WithSubnet(Managed.FatTree(2), new(), async (w, managed, _, probe) =>
        {
            probe = managed.Client("h3");
            await probe.Query(w, MadMethod.Get, new PathRecord { SourceGid = GidOf(managed, "h3"), DestinationGid = GidOf(managed, "h12"), NumberOfPaths = 1, Reversible = true }, ["SourceGid", "DestinationGid", "NumberOfPaths", "Reversible"]);
            var path = probe.Record<PathRecord>();
            Assert.Equal((managed.Subnet.Find("h3")![1].Lid, managed.Subnet.Find("h12")![1].Lid, PKey.Default), (path.SourceLid, path.DestinationLid, path.PKey));
            Assert.Equal((true, 4, 16, 18), (path.Reversible, path.Mtu, path.Rate, path.PacketLifetime)); // 2048 bytes, 100 Gb/s as the nodes are made
            await probe.Query(w, MadMethod.Get, new PathRecord { SourceGid = GidOf(managed, "h3"), DestinationGid = GidOf(managed, "h12"), MtuSelector = SaSelector.GreaterThan, Mtu = 4 }, ["SourceGid", "DestinationGid", "MtuSelector", "Mtu"]);
            Assert.Equal(SaStatus.NoRecords, probe.Header.Status);
            await probe.Query(w, MadMethod.Get, new PathRecord { SourceGid = GidOf(managed, "h3"), DestinationGid = Gid.Parse("fe80::dead") }, ["SourceGid", "DestinationGid"]);
            Assert.Equal(SaStatus.InvalidGid, probe.Header.Status);
            await probe.Query(w, MadMethod.GetTable, new PathRecord { SourceGid = GidOf(managed, "h3") }, ["SourceGid"]);
            Assert.Equal(managed.Subnet.Nodes.Count, probe.Count);
        });

    [Fact]
    public void Queries_are_answered_while_the_next_sweep_runs() =>
        WithSubnet(Managed.FatTree(2), new(), async (w, managed, manager, probe) =>
        {
            var sweeps = 0;
            probe.Answered = () => sweeps = manager.Sweeps;
            manager.RequestSweep();
            await probe.Query(w, MadMethod.Get, new PathRecord { SourceGid = GidOf(managed, "h2"), DestinationGid = GidOf(managed, "h12") }, ["SourceGid", "DestinationGid"]);
            Assert.Equal((SaStatus.Ok, 1), (probe.Header.Status, sweeps)); // asked first, answered before the sweep has ended
        });

    [Fact]
    public void Several_lids_give_several_paths() =>
        WithSubnet(Managed.FatTree(2), new() { Lmc = 1 }, async (w, managed, _, probe) =>
        {
            await probe.Query(w, MadMethod.GetTable, new PathRecord { SourceGid = GidOf(managed, "h2"), DestinationGid = GidOf(managed, "h9") }, ["SourceGid", "DestinationGid"]);
            Assert.Equal(2, probe.Count);
            Assert.Equal(1, probe.Record<PathRecord>(1).DestinationLid.Value - probe.Record<PathRecord>().DestinationLid.Value);
            await probe.Query(w, MadMethod.GetTable, new PathRecord { SourceGid = GidOf(managed, "h2"), DestinationGid = GidOf(managed, "h9"), NumberOfPaths = 1 }, ["SourceGid", "DestinationGid", "NumberOfPaths"]);
            Assert.Equal(1, probe.Count);
        });

    [Fact]
    public void Partitions_hide_ports_and_paths_from_each_other()
    {
        var subnet = Fabrics.Star(5);
        string Guid(string host) => $"0x{subnet.Find(host)![1].Guid.Value:x}";
        Assert.True(PartitionPolicy.TryParse($"Red=5 : {Guid("h2")}=full, {Guid("h3")}, {Guid("h4")} ; Blue=6 : {Guid("h5")}=full, {Guid("h4")}=full ;", out var policy, out var error), error);
        WithSubnet(subnet, new() { Partitions = policy }, async (w, managed, _, probe) =>
        {
            await probe.Query(w, MadMethod.GetTable, new PathRecord { SourceGid = GidOf(managed, "h2"), DestinationGid = GidOf(managed, "h3") }, ["SourceGid", "DestinationGid"]);
            Assert.Equal(new PKey(0x8005), probe.Record<PathRecord>().PKey);
            await probe.Query(w, MadMethod.GetTable, new PathRecord { SourceGid = GidOf(managed, "h2"), DestinationGid = GidOf(managed, "h5") }, ["SourceGid", "DestinationGid"]);
            Assert.Equal(0, probe.Count);
            await probe.Query(w, MadMethod.GetTable, new NodeRecord { NodeType = 1 }, ["NodeType"]);
            Assert.Equal(["h1", "h2", "h3", "h4"], Enumerable.Range(0, probe.Count).Select(i => managed.Subnet.Find(probe.Record<NodeRecord>(i).NodeGuid)!.Id).Order());
            var limited = managed.Client("h3");
            await limited.Query(w, MadMethod.GetTable, new PathRecord { SourceGid = GidOf(managed, "h3"), DestinationGid = GidOf(managed, "h4") }, ["SourceGid", "DestinationGid"]);
            Assert.Equal(0, limited.Count); // two limited members
            await limited.Query(w, MadMethod.Get, new PathRecord { SourceGid = GidOf(managed, "h3"), DestinationGid = GidOf(managed, "h2"), PKey = new(5) }, ["SourceGid", "DestinationGid", "PKey"]);
            Assert.Equal(new PKey(5), limited.Record<PathRecord>().PKey);
        });
    }

    [Fact]
    public void Targets_are_found_by_their_capability()
    {
        var subnet = Fabrics.Star(4);
        subnet.Find("h3")![1].Info.Capabilities |= PortCapabilities.DeviceManagement;
        WithSubnet(subnet, new(), async (w, managed, _, probe) =>
        {
            await probe.Query(w, MadMethod.GetTable, new PortInfoRecord { CapabilityMask = 1 << 19 }, ["CapabilityMask"], modifier: 0x8000_0000);
            Assert.Equal((1, subnet.Find("h3")![1].Lid), (probe.Count, probe.Record<PortInfoRecord>().EndportLid));
        });
    }

    [Fact]
    public void A_service_lives_until_its_lease_ends() =>
        WithSubnet(Fabrics.Star(3), new(), async (w, managed, manager, probe) =>
        {
            var service = new ServiceRecord { ServiceId = 77, ServiceGid = GidOf(managed, "h2"), PKey = PKey.Default, Lease = 30 };
            string[] whole = ["ServiceId", "ServiceGid", "PKey", "Lease"];
            await probe.Query(w, MadMethod.Set, service, whole);
            Assert.Equal((MadMethod.GetResponse, SaStatus.Ok), (probe.Header.Method, probe.Header.Status));
            await w.Delay(Duration.FromSeconds(20));
            await probe.Query(w, MadMethod.Get, new ServiceRecord { ServiceId = 77 }, ["ServiceId"]);
            Assert.Equal((GidOf(managed, "h2"), 10u), (probe.Record<ServiceRecord>().ServiceGid, probe.Record<ServiceRecord>().Lease));
            await w.Delay(Duration.FromSeconds(11));
            Assert.Equal(0, manager.Administration.Services);
            await probe.Query(w, MadMethod.Set, service with { Lease = uint.MaxValue }, whole);
            await probe.Query(w, MadMethod.Delete, service, whole);
            Assert.Equal((SaStatus.Ok, 0), (probe.Header.Status, manager.Administration.Services));
            await probe.Query(w, MadMethod.Set, service with { ServiceGid = GidOf(managed, "h3") }, whole);
            Assert.Equal(SaStatus.InvalidGid, probe.Header.Status); // somebody else's port
            await probe.Query(w, MadMethod.Set, service, ["ServiceId"]);
            Assert.Equal(SaStatus.InsufficientComponents, probe.Header.Status);
        });

    [Fact]
    public void Joining_a_group_opens_its_tree_and_the_last_to_leave_closes_it() =>
        WithSubnet(Managed.FatTree(2), new(), async (w, managed, manager, probe) =>
        {
            var broadcast = Gid.Parse("ff12:401b:ffff::ffff:ffff");
            string[] joining = ["MulticastGid", "PortGid", "JoinState"];
            string[] creating = [.. joining, "QKey", "PKey", "TrafficClass", "ServiceLevel", "FlowLabel"];
            var (near, far) = (managed.Client("h2"), managed.Client("h13"));
            await near.Query(w, MadMethod.Set, new McMemberRecord { MulticastGid = broadcast, PortGid = GidOf(managed, "h2"), JoinState = 1 }, joining);
            await far.Query(w, MadMethod.Set, new McMemberRecord { MulticastGid = broadcast, PortGid = GidOf(managed, "h13"), JoinState = 1 }, joining);
            Assert.Equal((new Lid(0xC000), new QKey(0xB1B), (byte)1), (far.Record<McMemberRecord>().MulticastLid, far.Record<McMemberRecord>().QKey, far.Record<McMemberRecord>().JoinState));
            await w.Delay(Duration.FromMilliseconds(1));
            Assert.Equal(["h13"], Receivers(managed, "h2", new(0xC000)));

            var own = Gid.Parse("ff12:a01c::77");
            await near.Query(w, MadMethod.Set, new McMemberRecord { MulticastGid = own, PortGid = GidOf(managed, "h2"), JoinState = 1 }, joining);
            Assert.Equal(SaStatus.InsufficientComponents, near.Header.Status); // who makes a group must say what it is like
            await near.Query(w, MadMethod.Set, new McMemberRecord { MulticastGid = own, PortGid = GidOf(managed, "h2"), JoinState = 1, QKey = new(5), PKey = PKey.Default }, creating);
            Assert.Equal(SaStatus.Ok, near.Header.Status);
            await far.Query(w, MadMethod.Set, new McMemberRecord { MulticastGid = own, PortGid = GidOf(managed, "h13"), JoinState = 1, QKey = new(6) }, [.. joining, "QKey"]);
            Assert.Equal(SaStatus.RequestInvalid, far.Header.Status);
            Assert.Equal(2, manager.Administration.Groups);
            await near.Query(w, MadMethod.Delete, new McMemberRecord { MulticastGid = own, PortGid = GidOf(managed, "h2"), JoinState = 1 }, joining);
            Assert.Equal((SaStatus.Ok, 1), (near.Header.Status, manager.Administration.Groups));
            await far.Query(w, MadMethod.Delete, new McMemberRecord { MulticastGid = broadcast, PortGid = GidOf(managed, "h13"), JoinState = 1 }, joining);
            await w.Delay(Duration.FromMilliseconds(1));
            Assert.Empty(Receivers(managed, "h2", new(0xC000)));
        });

    // Follows a multicast packet by the tables in the model.
    private static List<string> Receivers(Managed managed, string from, Lid lid)
    {
        var (found, pending) = (new List<string>(), new Queue<Sim.Subnet.SubnetPort>([managed.Subnet.Find(from)![1].Peer!]));
        while (pending.TryDequeue(out var entry))
            foreach (var port in entry.Node.Ports)
            {
                if (port == entry || port is null || !entry.Node.Forwarding!.IsMember(lid, port.Number) || port.Peer is not { } peer) continue;
                if (peer.Node.IsSwitch) pending.Enqueue(peer);
                else found.Add(peer.Node.Id);
            }
        return found;
    }

    [Fact]
    public void Subscribers_hear_who_comes_and_goes() =>
        WithSubnet(Fabrics.Star(4), new(), async (w, managed, manager, probe) =>
        {
            await probe.Query(w, MadMethod.Set, new InformInfo { LidRangeBegin = Lid.Permissive, IsGeneric = 1, Subscribe = 1, Type = 0xFFFF, TrapNumber = 65, ProducerType = 0xFF_FFFF }, []);
            Assert.Equal((SaStatus.Ok, 1), (probe.Header.Status, manager.Administration.Subscribers));
            managed.Subnet.SetCable(managed.Subnet.Find("h4")![1], isCut: true);
            await w.Until(() => probe.Reports.Count == 1, "a report");
            Assert.True(Notice.TryRead(probe.Reports[0].AsSpan(SaHeader.DataOffset), out var notice));
            Assert.Equal((65, GidOf(managed, "h4")), (notice.TrapNumber, Gid.Read(notice.Details[6..])));
            managed.Subnet.SetCable(managed.Subnet.Find("h4")![1], isCut: false);
            await w.Delay(Duration.FromSeconds(20));
            Assert.Single(probe.Reports); // confirmed, so not repeated; and 64 was not asked for
            await probe.Query(w, MadMethod.Set, new InformInfo { LidRangeBegin = Lid.Permissive, IsGeneric = 1, Subscribe = 0, Type = 0xFFFF, TrapNumber = 65, ProducerType = 0xFF_FFFF }, []);
            Assert.Equal((SaStatus.Ok, 0), (probe.Header.Status, manager.Administration.Subscribers));
        });

    [Fact]
    public void What_is_not_known_is_refused_by_the_codes_of_the_architecture() =>
        WithSubnet(Fabrics.Star(3), new(), async (w, managed, _, probe) =>
        {
            async Task<ushort> Status(MadMethod method, SaAttribute attribute)
            {
                probe.Ask(method, attribute, 0, []);
                await w.Until(() => probe.HasAnswer, "an answer");
                return probe.Header.Status;
            }
            Assert.Equal(SaStatus.MethodAttributeNotSupported, await Status(MadMethod.Get, (SaAttribute)0x99));
            Assert.Equal(SaStatus.MethodAttributeNotSupported, await Status(MadMethod.Set, SaAttribute.NodeRecord));
            Assert.Equal(SaStatus.MethodNotSupported, await Status(MadMethod.GetTraceTable, SaAttribute.NodeRecord));
            Assert.Equal(SaStatus.TooManyRecords, await Status(MadMethod.Get, SaAttribute.NodeRecord));
            Assert.Equal(SaStatus.InsufficientComponents, await Status(MadMethod.GetMulti, SaAttribute.MultiPathRecord));
            Assert.Equal(SaStatus.Ok, await Status(MadMethod.Get, SaAttribute.ClassPortInfo));
            Assert.Equal("01022602", Convert.ToHexStringLower(probe.Records.AsSpan(0, 4)));
        });
}
