using System.Reflection;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Mad.Sa;

public class SaRecordTests
{
    private static T First<T>(string tool, MadMethod method) where T : struct, ISaRecord<T>
    {
        var mad = CapturedSa.Find(tool, method).Mad;
        Assert.True(T.TryRead(mad.AsSpan(SaHeader.DataOffset), out var record));
        return record;
    }

    [Fact]
    public void OpenSM_answers_a_path_between_members_of_a_partition()
    {
        var path = First<PathRecord>("prg", MadMethod.GetTableResponse);
        Assert.Equal(Gid.Parse("fe80::2:c903:10:11"), path.DestinationGid);
        Assert.Equal(Gid.Parse("fe80::2:c903:10:1"), path.SourceGid);
        Assert.Equal((new Lid(3), new Lid(1), new PKey(0x8002)), (path.DestinationLid, path.SourceLid, path.PKey));
        Assert.True(path.Reversible);
        Assert.Equal((SaSelector.Exactly, 4, SaSelector.Exactly, 16, SaSelector.Exactly, 18),
            (path.MtuSelector, path.Mtu, path.RateSelector, path.Rate, path.LifetimeSelector, path.PacketLifetime));
        Assert.Equal(
            "PathRecord DestinationGid=fe80::2:c903:10:11 SourceGid=fe80::2:c903:10:1 DestinationLid=0x0003 SourceLid=0x0001 Reversible PKey=0x8002 "
            + "MtuSelector=2 Mtu=4 RateSelector=2 Rate=16 LifetimeSelector=2 PacketLifetime=18", path.ToString());
        var query = CapturedSa.Find("prg", MadMethod.GetTable).Mad;
        Assert.True(SaHeader.TryRead(query, out var header));
        Assert.Equal(PathRecord.Table.Mask("SourceGid", "DestinationGid", "PKey"), header.ComponentMask);
        var record = CapturedSa.Find("prg", MadMethod.GetTableResponse).Mad.AsSpan(SaHeader.DataOffset);
        Assert.True(PathRecord.Table.Matches(record, query.AsSpan(SaHeader.DataOffset), header.ComponentMask));
        Assert.False(PathRecord.Table.Matches(record, query.AsSpan(SaHeader.DataOffset), header.ComponentMask | PathRecord.Table.Mask("SourceLid")));
    }

    [Fact]
    public void OpenSM_lists_links_nodes_ports_managers_and_groups()
    {
        Assert.Equal(new LinkRecord { FromLid = new(1), FromPort = 1, ToPort = 1, ToLid = new(2) }, First<LinkRecord>("lr", MadMethod.GetTableResponse));
        var node = First<NodeRecord>("mpr", MadMethod.GetTableResponse);
        Assert.Equal((new Lid(1), (byte)1, (byte)1, new Guid64(0x0002c90300100000), new Guid64(0x0002c90300100001), (ushort)0x1013, 0x2c9u),
            (node.Lid, node.NodeType, node.PortCount, node.NodeGuid, node.PortGuid, node.DeviceId, node.VendorId));
        Assert.StartsWith("host-0001 HCA-1\0", System.Text.Encoding.ASCII.GetString(node.Description), StringComparison.Ordinal);
        var port = First<PortInfoRecord>("pir", MadMethod.GetTableResponse);
        Assert.Equal((new Lid(1), new Lid(1), new Lid(1), 0x0050c04au, (byte)4, (byte)5), (port.EndportLid, port.BaseLid, port.MasterSmLid, port.CapabilityMask, port.PortState, port.PhysicalState));
        var manager = First<SmInfoRecord>("smir", MadMethod.GetTableResponse);
        Assert.Equal((new Lid(1), new Guid64(0x0002c90300100001), (byte)3), (manager.Lid, manager.Guid, manager.State));
        var group = First<McMemberRecord>("mc", MadMethod.GetTableResponse);
        Assert.Equal((Gid.Parse("ff12:401b:8002::ffff:ffff"), new Lid(0xC001), new PKey(0x8002), new QKey(0xB1B)), (group.MulticastGid, group.MulticastLid, group.PKey, group.QKey));
    }

    [Fact]
    public void A_client_registers_a_service_and_joins_a_group()
    {
        var service = First<ServiceRecord>("ts", MadMethod.Set);
        Assert.Equal((0x6b8b0e4cul, uint.MaxValue, new PKey(0xFFFF)), (service.ServiceId, service.Lease, service.PKey));
        Assert.Equal("osmt.srvc.1804289383.14107", System.Text.Encoding.ASCII.GetString(service.Name).TrimEnd('\0'));
        var join = First<McMemberRecord>("tm", MadMethod.Set);
        Assert.Equal((Gid.Parse("ff12:401b:ffff::ffff:ffff"), Gid.Parse("fe80::2:c903:10:11"), (byte)2, (byte)1), (join.MulticastGid, join.PortGid, join.Scope, join.JoinState));
        Assert.True(SaHeader.TryRead(CapturedSa.Find("tm", MadMethod.Set).Mad, out var header));
        Assert.Equal(McMemberRecord.Table.Mask("MulticastGid", "PortGid", "JoinState"), header.ComponentMask);
    }

    [Fact]
    public void Every_captured_datagram_is_written_back_and_every_table_answer_is_one_full_transfer()
    {
        foreach (var captured in CapturedSa.All)
        {
            Assert.True(SaHeader.TryRead(captured.Mad, out var sa));
            Assert.True(RmppHeader.TryRead(captured.Mad, out var rmpp));
            var copy = captured.Mad.ToArray();
            copy.AsSpan(RmppHeader.Offset, RmppHeader.Length + SaHeader.Length).Clear();
            sa.Write(copy);
            rmpp.Write(copy);
            Assert.Equal(captured.Mad, copy);
            if (captured.Method != MadMethod.GetTableResponse || captured.Mad.AsSpan(4, 2).ContainsAnyExcept((byte)0)) continue; // a refusal is one plain MAD
            Assert.Equal(RmppFlags.Active, rmpp.Flags & RmppFlags.Active);
            var table = SaTables.Find((SaAttribute)System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(captured.Mad.AsSpan(16)));
            Assert.NotNull(table);
            if (captured.Length > SaHeader.DataOffset) Assert.Equal(table.Stride, sa.AttributeOffset * 8);
        }
    }

    [Theory]
    [InlineData(typeof(PathRecord))]
    [InlineData(typeof(MultiPathRecord))]
    [InlineData(typeof(McMemberRecord))]
    [InlineData(typeof(ServiceRecord))]
    [InlineData(typeof(LinkRecord))]
    [InlineData(typeof(NodeRecord))]
    [InlineData(typeof(PortInfoRecord))]
    [InlineData(typeof(SmInfoRecord))]
    [InlineData(typeof(InformInfo))]
    [InlineData(typeof(InformInfoRecord))]
    public void Every_field_has_a_property_that_reads_and_writes_its_bits(Type type) =>
        typeof(SaRecordTests).GetMethod(nameof(CheckFields), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, null);

    private static void CheckFields<T>() where T : struct, ISaRecord<T>
    {
        var random = new Random(5);
        foreach (var field in T.Table.Fields.Fields)
        {
            var property = typeof(T).GetProperty(field.Name);
            Assert.NotNull(property);
            if (field.Format is MadFieldFormat.Bytes or MadFieldFormat.Text) continue;
            for (var round = 0; round < 20; round++)
            {
                var body = new byte[T.Table.Length];
                random.NextBytes(body);
                Assert.True(T.TryRead(body, out var record));
                var copy = new byte[T.Table.Length];
                record.Write(copy);
                Assert.Equal(body, copy);
                object boxed = default(T);
                property.SetValue(boxed, property.GetValue(record));
                var written = new byte[T.Table.Length];
                ((T)boxed).Write(written);
                var expected = new byte[T.Table.Length];
                field.Copy(body, expected);
                Assert.Equal(expected, written);
            }
            Assert.False(T.TryRead(new byte[T.Table.Length - 1], out _));
        }
    }

    [Fact]
    public void No_datagram_makes_a_reader_throw() => Fuzzer.Run(CapturedSa.All.Select(c => c.Mad).ToList(), input =>
    {
        if (!MadHeader.TryRead(input, out var header)) return;
        SaHeader.TryRead(input, out var sa);
        RmppHeader.TryRead(input, out _);
        if (SaTables.Find((SaAttribute)header.AttributeId) is not { } table || input.Length < SaHeader.DataOffset + table.Length) return;
        var record = input[SaHeader.DataOffset..];
        table.Print(record);
        Assert.True(table.Matches(record, record, sa.ComponentMask));
    });
}
