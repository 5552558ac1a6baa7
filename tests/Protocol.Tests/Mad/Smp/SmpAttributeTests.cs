using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Mad.Smp;

/// <summary>Attributes as ibsim 0.10 gave them for a star of four hosts.</summary>
public class SmpAttributeTests
{
    private const string CaNode = "010101010002c903001000000002c903001000000002c9030010000100401013000000a1010002c9";
    private const string CaPort = "00000000000000000000000000000000000000000050c04800000ff901031f0272520047404000080804e040000000000000201f000000000000000000302703";
    private const string Switch = "78000000040000000000000400000040300000";
    private const string SwitchPort0 = "00000000000000000000000000000000000000000000c04800000ff901021f02745200111040000808030040000000000000011f080000000000000000300000";

    [Fact]
    public void NodeInfo_of_a_host()
    {
        Assert.True(NodeInfo.TryRead(Bytes(CaNode), out var info));
        Assert.Equal((NodeType.Ca, 1, 64, 1), (info.NodeType, (int)info.NumPorts, (int)info.PartitionCap, (int)info.LocalPortNum));
        Assert.Equal((new Guid64(0x0002c90300100000), new Guid64(0x0002c90300100001)), (info.NodeGuid, info.PortGuid));
        Assert.Equal((0x1013, 0x2c9u, 0xa1u), (info.DeviceId, info.VendorId, info.Revision));
        Assert.Equal(
            "NodeInfo BaseVersion=1 ClassVersion=1 NodeType=Ca NumPorts=1 SystemImageGuid=0x0002c90300100000 NodeGuid=0x0002c90300100000 "
            + "PortGuid=0x0002c90300100001 PartitionCap=64 DeviceId=0x1013 Revision=0x000000a1 LocalPortNum=1 VendorId=0x0002c9", info.ToString());
    }

    [Fact]
    public void PortInfo_of_a_host()
    {
        Assert.True(PortInfo.TryRead(Bytes(CaPort), out var info));
        Assert.Equal((PortState.Initialize, PortPhysicalState.LinkUp, PortPhysicalState.Polling), (info.State, info.PhysicalState, info.LinkDownDefaultState));
        Assert.Equal((3, 0x1f, 2, 7, 4), ((int)info.LinkWidthEnabled, (int)info.LinkWidthSupported, (int)info.LinkWidthActive, (int)info.LinkSpeedSupported, (int)info.LinkSpeedActive));
        Assert.Equal((2, 7, 3), ((int)info.LinkSpeedExtActive, (int)info.LinkSpeedExtSupported, (int)info.LinkSpeedExtEnabled));
        Assert.Equal((4, 4, 4, 32, 31), ((int)info.NeighborMtu, (int)info.VlCap, (int)info.OperationalVls, (int)info.GuidCap, (int)info.SubnetTimeout));
        Assert.True(info.Capabilities.HasFlag(PortCapabilities.Trap | PortCapabilities.CapabilityMaskNotice));
        Assert.False(info.Capabilities.HasFlag(PortCapabilities.IsSm));
    }

    [Fact]
    public void SwitchInfo_of_a_switch()
    {
        Assert.True(SwitchInfo.TryRead(Bytes(Switch), out var info));
        Assert.Equal((30720, 1024, 64), ((int)info.LinearFdbCap, (int)info.MulticastFdbCap, (int)info.PartitionEnforcementCap));
        Assert.True(info.PortStateChange && info.FilterRawInboundCap && info.FilterRawOutboundCap);
        Assert.False(info.InboundEnforcementCap || info.EnhancedPort0);
    }

    [Theory]
    [InlineData(CaNode)]
    public void NodeInfo_is_written_back(string hex) => WrittenBack<NodeInfo>(hex);

    [Theory]
    [InlineData(CaPort)]
    [InlineData(SwitchPort0)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void PortInfo_is_written_back(string hex) => WrittenBack<PortInfo>(hex);

    [Theory]
    [InlineData(Switch)]
    public void SwitchInfo_is_written_back(string hex) => WrittenBack<SwitchInfo>(hex);

    /// <summary>Trap 128 as OpenSM logs it: generic, urgent, of a switch, number 128, from LID 5.</summary>
    [Fact]
    public void Notice_of_a_switch()
    {
        Assert.True(Notice.TryRead(Bytes("81000002008000050000" + "0005"), out var notice));
        Assert.Equal((true, NoticeType.Urgent, 2u, 128, new Lid(5)), (notice.IsGeneric, notice.Type, notice.ProducerType, notice.TrapNumber, notice.IssuerLid));
        Assert.Equal(54, notice.Details.Length);
        Assert.Equal([0, 5], notice.Details[..2].ToArray());
        WrittenBack<Notice>("81000002008000050000" + "0005");
    }

    [Fact]
    public void SMInfo_of_a_master()
    {
        Assert.True(SmInfo.TryRead(Bytes("0002c90300100001" + "0000000000000007" + "00000011" + "e3"), out var info));
        Assert.Equal((new Guid64(0x0002c90300100001), 7ul, 17u, 14, SmState.Master), (info.PortGuid, info.SmKey, info.ActivityCount, info.Priority, info.State));
    }

    [Fact]
    public void Tables_are_read_and_written_entry_by_entry()
    {
        var sl = Bytes("0123456789abcde7");
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 7], Enumerable.Range(0, 16).Select(i => SmpTables.Vl(sl, i)));
        for (var i = 0; i < 16; i++) SmpTables.SetVl(sl, i, 15 - i);
        Assert.Equal("fedcba9876543210", Convert.ToHexStringLower(sl[..8]));
        var data = new byte[64];
        SmpTables.SetPKey(data, 31, new(0x8001));
        SmpTables.SetPortMask(data, 0, 0x0102);
        SmpTables.SetArbitration(data, 5, 3, 200);
        Assert.Equal("0102" + new string('0', 16) + "03c8", Convert.ToHexStringLower(data[..12]));
        Assert.Equal((new PKey(0x8001), (ushort)0x0102, (3, 200)), (SmpTables.PKey(data, 31), SmpTables.PortMask(data, 0), SmpTables.Arbitration(data, 5)));
        SmpTables.SetGuid(data, 7, new(0x0102030405060708));
        Assert.Equal((byte)8, data[63]);
        Assert.Equal(new Guid64(0x0102030405060708), SmpTables.Guid(data, 7));
    }

    [Fact]
    public void Nothing_is_read_from_too_few_bytes_and_any_bytes_are_kept() => Fuzzer.Run([Bytes(CaPort), Bytes(CaNode)], input =>
    {
        Same<PortInfo>(input);
        Same<NodeInfo>(input);
        Same<SwitchInfo>(input);
        Same<Notice>(input);
        Same<SmInfo>(input);
    });

    private static void Same<T>(ReadOnlySpan<byte> input) where T : struct, ISmpAttribute<T>
    {
        Assert.Equal(input.Length >= SmpData.Length, T.TryRead(input, out var attribute));
        if (input.Length < SmpData.Length) return;
        Span<byte> written = stackalloc byte[SmpData.Length];
        attribute.Write(written);
        Assert.True(written.SequenceEqual(input[..SmpData.Length]));
        T.Table.Print(written);
    }

    private static void WrittenBack<T>(string hex) where T : struct, ISmpAttribute<T>
    {
        var bytes = Bytes(hex);
        Assert.True(T.TryRead(bytes, out var attribute));
        var written = new byte[64];
        attribute.Write(written);
        Assert.Equal(bytes, written);
        var copied = new byte[64];
        T.Table.Copy(bytes, copied);
        if (!T.Table.HasReservedBits(bytes)) Assert.Equal(bytes, copied);
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.PadRight(128, '0'));
}
