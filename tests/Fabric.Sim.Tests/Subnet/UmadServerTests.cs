using System.Buffers.Binary;
using System.Text;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Topologies;
using Weft.Fabric.Sim.Subnet.Umad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Subnet;

public class UmadServerTests
{
    private readonly IbSubnet subnet = Fabrics.Star(3);
    private readonly Wire wire = new();
    private readonly UmadServer server;

    public UmadServerTests()
    {
        Fabrics.Activate(subnet);
        server = new(subnet, wire);
    }

    /// <summary>What libumad2sim of process 0x1234 sends first, byte by byte.</summary>
    private static byte[] ConnectBytes(string node = "", bool issm = false, uint id = 0x1234)
    {
        var d = new byte[80];
        Convert.FromHexString("efbeadde" + "00000000" + "01000000" + "2c000000").CopyTo(d, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(d.AsSpan(16), id);
        d[24] = (byte)(issm ? 1 : 0);
        Encoding.UTF8.GetBytes(node).CopyTo(d, 28);
        return d;
    }

    private int Connect(string node = "", bool issm = false, uint id = 0x1234)
    {
        var d = ConnectBytes(node, issm, id);
        Assert.True(server.HandleControl(d, Instant.Zero));
        return d[8] == 0 ? -1 : d[16];
    }

    private byte[] Ask(int client, int type, params byte[] data)
    {
        var d = new byte[80];
        Convert.FromHexString("efbeadde").CopyTo(d, 0);
        (d[4], d[8]) = ((byte)client, (byte)type);
        data.CopyTo(d, 16);
        Assert.True(server.HandleControl(d, Instant.Zero));
        return d;
    }

    [Fact]
    public void A_client_attaches_where_it_says_and_slots_are_used_again()
    {
        Assert.Equal([0, 1, 2], [Connect(), Connect("host h2"), Connect("h3[1]")]);
        Assert.Equal(["S[0]", "h2[1]", "h3[1]"], server.Clients[..3].ToArray().Select(c => c!.Port.ToString()));
        Assert.Equal(-1, Connect("nowhere"));
        Ask(1, 2);
        Assert.Equal(1, Connect("h1"));
        for (var i = 3; i < 10; i++) Assert.Equal(i, Connect());
        Assert.Equal(-1, Connect());
        wire.Refuses = true;
        server.Release(4, Instant.Zero);
        Assert.Equal(-1, Connect());
    }

    [Fact]
    public void Control_requests_are_answered_as_ibsim_lays_them_out()
    {
        var client = Connect("h1");
        Assert.Equal("c902000013100000a100000000000000", Convert.ToHexStringLower(Ask(client, 4)[16..32]));
        Assert.Equal(1, Ask(client, 7)[16 + 2]); // NodeInfo: a CA
        Assert.Equal(0x54, Ask(client, 8)[16 + 32] & 0x0F | 0x50); // PortInfo: Active
        Assert.Equal("ffff0000", Convert.ToHexStringLower(Ask(client, 10)[16..20]));
        Assert.Equal(0, Ask(client, 8, 77)[8]); // no such port: an error, but an answer
        Assert.Equal(0, Ask(9, 7)[8]);
        Assert.Equal(0, Ask(client, 99)[8]);
        Assert.False(server.HandleControl(new byte[80], Instant.Zero));
        Assert.False(server.HandleControl(new byte[12], Instant.Zero));
    }

    [Fact]
    public void A_port_has_one_manager_which_shows_in_its_capabilities()
    {
        var port = subnet.Find("h1")![1];
        var client = Connect("h1", issm: true);
        Assert.True(port.Info.Capabilities.HasFlag(PortCapabilities.IsSm));
        Assert.Equal(-1, Connect("h1", issm: true));
        Ask(client, 9, 0);
        Assert.False(port.Info.Capabilities.HasFlag(PortCapabilities.IsSm));
        Ask(client, 9, 1);
        Ask(client, 2);
        Assert.False(port.Info.Capabilities.HasFlag(PortCapabilities.IsSm));
    }

    private static byte[] Datagram(ushort dlid, byte c, byte method, ushort attribute, params byte[] path)
    {
        var d = new byte[288];
        BinaryPrimitives.WriteUInt16BigEndian(d, dlid);
        if (dlid == 0xFFFF) BinaryPrimitives.WriteUInt16BigEndian(d.AsSpan(4), 0xFFFF);
        BinaryPrimitives.WriteUInt64BigEndian(d.AsSpan(24), 256);
        (d[32], d[33], d[34], d[35], d[39]) = (1, c, 1, method, (byte)path.Length);
        BinaryPrimitives.WriteUInt64BigEndian(d.AsSpan(40), 0x0003_0000_0777);
        BinaryPrimitives.WriteUInt16BigEndian(d.AsSpan(48), attribute);
        if (c == 0x81) d.AsSpan(64, 4).Fill(0xFF);
        path.CopyTo(d, 32 + 129);
        return d;
    }

    private byte[] Send(int client, byte[] datagram, int to)
    {
        wire.Sent.Clear();
        server.HandleData(client, datagram, Instant.Zero);
        var (slot, data) = Assert.Single(wire.Sent);
        Assert.Equal(to, slot);
        return data;
    }

    [Fact]
    public void Agents_answer_and_what_nobody_answers_comes_back_as_timed_out()
    {
        var client = Connect("h1");
        var answer = Send(client, Datagram(0xFFFF, 0x81, 1, 0x11, 1, 2), client);
        Assert.Equal((0x81, 0u, 1), (answer[35], BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(16)), (int)answer[32 + 66]));
        var request = Datagram(0xFFFF, 0x81, 1, 0x11, 1, 7); // nothing is plugged in there
        var back = Send(client, (byte[])request.Clone(), client);
        Assert.Equal(110u, BinaryPrimitives.ReadUInt32BigEndian(back.AsSpan(16)));
        Assert.Equal(request[32..], back[32..]);
        Assert.Equal(110u, BinaryPrimitives.ReadUInt32BigEndian(Send(client, Datagram(3, 0x07, 3, 0x10), client).AsSpan(16))); // nobody for that class
        answer = Send(client, Datagram(subnet.Find("h3")![1].Lid.Value, 0x04, 1, 0x12), client);
        Assert.Equal(0x81, answer[35]);
        Assert.Equal(subnet.Find("h3")![1].Lid.Value, BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(4)));
        Assert.Equal((4, 2), ((int)server.Requests, (int)server.Clients[client]!.TimedOut));
        wire.Sent.Clear();
        server.HandleData(client, new byte[100], Instant.Zero);
        server.HandleData(5, Datagram(0xFFFF, 0x81, 1, 0x11), Instant.Zero);
        Assert.Empty(wire.Sent);
    }

    [Fact]
    public void A_request_to_a_manager_finds_it_and_its_answer_finds_the_asker()
    {
        var (manager, asker) = (Connect("h2", issm: true), Connect("h1"));
        var lid = subnet.Find("h2")![1].Lid.Value;
        var request = Send(asker, Datagram(lid, 0x03, 0x12, 0x11), manager);
        Assert.Equal(asker, BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(40)));
        request[35] |= 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(request, BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(4)));
        request.AsSpan(4, 4).Clear();
        var answer = Send(manager, request, asker);
        Assert.Equal((0x92, lid), ((int)answer[35], BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(4))));
        subnet.SetCable(subnet.Find("h1")![1], isCut: true);
        wire.Sent.Clear();
        var lost = (byte[])request.Clone();
        lost[35] = 0x92;
        var back = Send(manager, lost, asker); // the asker would wait for ever
        Assert.Equal((110u, 0x12), (BinaryPrimitives.ReadUInt32BigEndian(back.AsSpan(16)), (int)back[35]));
    }

    [Fact]
    public void Traps_go_to_the_manager_that_the_port_knows()
    {
        var manager = Connect("h1", issm: true);
        subnet.Find("S")![0].Info.MasterSmLid = subnet.Find("h1")![1].Lid;
        subnet.Find("S")!.Forwarding!.Info.PortStateChange = false;
        wire.Sent.Clear();
        subnet.Disconnect(subnet.Find("h3")![1]);
        Assert.Empty(wire.Sent);
        server.SendNotices(Instant.Zero);
        var (slot, trap) = Assert.Single(wire.Sent);
        Assert.Equal((manager, 0x01, 0x05, 128), (slot, (int)trap[33], (int)trap[35], (int)BinaryPrimitives.ReadUInt16BigEndian(trap.AsSpan(100))));
    }

    [Fact]
    public void Traps_are_repeated_every_second_until_they_are_repressed_or_ten_times()
    {
        var manager = Connect("h1", issm: true);
        var (end, leaf) = (subnet.Find("h1")![1], subnet.Find("S")![0]);
        leaf.Info.MasterSmLid = end.Lid;
        subnet.Find("S")!.Forwarding!.Info.PortStateChange = false;
        wire.Sent.Clear();
        Assert.True(server.Deadline.IsNever);
        subnet.Disconnect(subnet.Find("h3")![1]);
        var now = Instant.Zero;
        for (var i = 1; i <= 3; i++)
        {
            server.SendNotices(now);
            server.SendNotices(now + Duration.FromMilliseconds(999)); // not yet
            Assert.Equal(i, wire.Sent.Count);
            now += Duration.FromSeconds(1);
            Assert.Equal(now, server.Deadline);
        }
        Assert.All(wire.Sent, sent => Assert.Equal(wire.Sent[0].Data, sent.Data));
        subnet.Observer!.OnNotice(leaf, Notices.PortStateChange(leaf)); // the same again is no news
        var repress = (byte[])wire.Sent[0].Data.Clone();
        repress[35] = 7;
        BinaryPrimitives.WriteUInt16BigEndian(repress, leaf.Lid.Value);
        repress.AsSpan(4, 4).Clear();
        repress[32 + 8 + 3] = 5; // the library writes its agent into the upper half of the transaction
        server.HandleData(manager, repress, now);
        Assert.Equal((3, true), (wire.Sent.Count, server.Deadline.IsNever));

        subnet.Observer!.OnNotice(leaf, Notices.PortStateChange(leaf)); // and this is: it was heard
        wire.Sent.Clear();
        for (var i = 0; i < 20; i++, now += Duration.FromSeconds(1)) server.SendNotices(now);
        Assert.Equal((10, true), (wire.Sent.Count, server.Deadline.IsNever));
    }

    [Fact]
    public void Arbitrary_datagrams_and_recordings_never_throw()
    {
        Connect("h1", issm: true);
        Connect("h2");
        var state = 99ul;
        for (var i = 0; i < 20_000; i++)
        {
            var control = i % 2 == 0 ? ConnectBytes() : Ask(0, 4);
            for (var n = 0; n < 3; n++) control[4 + Next(76)] = (byte)Next(256);
            server.HandleControl(control, Instant.Zero);
            var data = Datagram((ushort)(Next(3) == 0 ? 0xFFFF : Next(6)), (byte)(Next(2) == 0 ? 0x81 : Next(256)), (byte)Next(256), (ushort)(0x10 + Next(32)), 1, (byte)Next(4));
            for (var n = 0; n < 4; n++) data[Next(288)] = (byte)Next(256);
            server.HandleData(Next(10), data, Instant.Zero);
            wire.Sent.Clear();
        }
        var recording = Record();
        Assert.Null(SessionReplay.Run(recording).Problem);
        for (var i = 0; i < 2000; i++)
        {
            var damaged = recording[..Next(recording.Length + 1)];
            if (damaged.Length > 0) damaged[Next(damaged.Length)] ^= (byte)(1 << Next(8));
            SessionReplay.Run(damaged);
        }

        int Next(int below) => (int)((state = state * 6364136223846793005 + 1442695040888963407) >> 33) % below;
    }

    [Fact]
    public void A_replay_stops_at_the_first_difference()
    {
        var recording = Record();
        var replay = SessionReplay.Run(recording);
        Assert.Equal((null, 3, 2), (replay.Problem, replay.Inputs, replay.Outputs));
        recording[^1] ^= 1;
        replay = SessionReplay.Run(recording);
        Assert.Equal("input 3: DataOut to client 0 differs from the recording at byte 287", replay.Problem);
        Assert.False(replay.IsUnreadable);
        Assert.True(SessionReplay.Run(recording.AsMemory(0, recording.Length - 1)).IsUnreadable);
        Assert.True(SessionReplay.Run("hello"u8.ToArray()).IsUnreadable);
    }

    /// <summary>Connect, a command, and a request with its answer.</summary>
    private static byte[] Record()
    {
        using var file = new MemoryStream();
        var fresh = TopologyGenerator.Star(2, LinkRate.Edr4X);
        var writer = new SessionWriter(file, TopologyWriter.ToText(fresh));
        var wire = new Wire();
        var server = new UmadServer(fresh, wire);
        var connect = ConnectBytes();
        writer.Write(SessionRecordKind.ControlIn, 0, Instant.Zero, connect);
        server.HandleControl(connect, Instant.Zero);
        writer.Write(SessionRecordKind.ControlOut, 0, Instant.Zero, connect);
        writer.Write(SessionRecordKind.Command, 0, Instant.Zero, "cut \"leaf-001\"[2]");
        new SubnetConsole(fresh, server).Execute("cut \"leaf-001\"[2]", Instant.Zero, out _);
        var request = Datagram(0xFFFF, 0x81, 1, 0x15, 1);
        writer.Write(SessionRecordKind.DataIn, 0, Instant.Zero, request);
        server.HandleData(0, request, Instant.Zero);
        writer.Write(SessionRecordKind.DataOut, 0, Instant.Zero, Assert.Single(wire.Sent).Data);
        return file.ToArray();
    }

    [Theory]
    [InlineData("unlink \"S\"[1]", true, "no longer linked")]
    [InlineData("unlink S[7]", false, "nothing is plugged into S[7]")]
    [InlineData("unlink", false, "one argument")]
    [InlineData("relink \"S\"[1]", false, "no cable")]
    [InlineData("link \"S\"[7] \"S\"[8]", true, "are linked")]
    [InlineData("link \"S\"[1] \"S\"[8]", false, "is cabled to")]
    [InlineData("cut \"host h2\"[1]", true, "is cut")]
    [InlineData("error \"S\"[1] linkdownedcounter=3", true, "are set")]
    [InlineData("error \"S\"[1] Nonsense=3", false, "SymbolErrorCounter")]
    [InlineData("clear \"S\"[1]", true, "are zero")]
    [InlineData("dump", true, "4 nodes")]
    [InlineData("dump S", true, "Active/LinkUp lid")]
    [InlineData("dump X", false, "no node")]
    [InlineData("route 2 3", true, "S[2] -> h2[1]")]
    [InlineData("route 2 40", true, "no way on")]
    [InlineData("route 77 1", false, "no port")]
    [InlineData("attached", true, "no program")]
    [InlineData("netlist", true, "switchguid")]
    [InlineData("help", true, "relink")]
    [InlineData("frobnicate", false, "help lists")]
    [InlineData("  ", true, "")]
    public void The_console_does_what_it_is_told(string line, bool isDone, string answer)
    {
        Assert.Equal(isDone, new SubnetConsole(subnet, server).Execute(line, Instant.Zero, out var text));
        Assert.Contains(answer, text);
    }

    private sealed class Wire : IUmadTransport
    {
        public List<(int Client, byte[] Data)> Sent { get; } = [];
        public bool Refuses { get; set; }
        public bool Connect(int client, uint id) => !Refuses;
        public void Release(int client) { }
        public void Send(int client, ReadOnlySpan<byte> datagram) => Sent.Add((client, datagram.ToArray()));
    }
}
