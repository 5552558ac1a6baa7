using Weft.Fabric.Sim.Links;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Tests.InfiniBand;

/// <summary>Two HCAs on one cable: the transport engine is the same over RoCE and InfiniBand.</summary>
public sealed class BackToBackTests
{
    private static (World World, VerbsHost A, VerbsHost B) Make(LinkType type, QpType qp, bool isGlobal = false, ulong seed = 1, LinkImpairments? impairments = null)
    {
        var world = new World(new() { Seed = seed });
        var link = world.Connect(world.AddHost("a"), world.AddHost("b"), new() { Type = type, Impairments = impairments ?? LinkImpairments.None });
        var (a, b) = (new VerbsHost(link.A, 1), new VerbsHost(link.B, 2));
        a.Create(qp);
        b.Create(qp);
        a.Connect(b, isGlobal);
        b.Connect(a, isGlobal);
        return (world, a, b);
    }

    private static void Run(World world)
    {
        var result = world.RunUntilIdle();
        Assert.True(result.HasPassed, result.ToString());
    }

    public static TheoryData<LinkType, bool> Paths => new() { { LinkType.Ethernet, true }, { LinkType.InfiniBand, false }, { LinkType.InfiniBand, true } };

    [Theory, MemberData(nameof(Paths))]
    public void Sends_writes_and_reads_move_their_bytes(LinkType type, bool isGlobal)
    {
        const int length = 10_001;
        var (world, a, b) = Make(type, QpType.ReliableConnected, isGlobal);
        b.Receive(length);
        a.Post(WorkOpcode.Send, length);
        a.Post(WorkOpcode.RdmaWrite, length, b);
        Run(world);
        Assert.Equal(a.Memory[..length], b.Memory[0x4_0000..(0x4_0000 + length)]);
        Assert.Equal(a.Memory[..length], b.Memory[0x8_0000..(0x8_0000 + length)]);
        Array.Fill(b.Memory, (byte)0xA5);
        a.Post(WorkOpcode.RdmaRead, length, b);
        Run(world);
        Assert.All(a.Memory[..length], x => Assert.Equal(0xA5, x));
        Assert.Equal([CompletionStatus.Success, CompletionStatus.Success, CompletionStatus.Success], a.Poll().Select(c => c.Status));
        var received = Assert.Single(b.Poll());
        Assert.Equal((CompletionStatus.Success, (uint)length), (received.Status, received.ByteLength));
    }

    [Theory, MemberData(nameof(Paths))]
    public void An_atomic_adds_and_returns_what_was_there(LinkType type, bool isGlobal)
    {
        var (world, a, b) = Make(type, QpType.ReliableConnected, isGlobal);
        var before = BitConverter.ToUInt64(b.Memory, 0x8_0000);
        a.Post(WorkOpcode.FetchAdd, 8, b);
        Run(world);
        Assert.Equal(CompletionStatus.Success, Assert.Single(a.Poll()).Status);
        Assert.Equal((before, before + 3), (BitConverter.ToUInt64(a.Memory, 0), BitConverter.ToUInt64(b.Memory, 0x8_0000)));
    }

    [Theory, MemberData(nameof(Paths))]
    public void Unreliable_connections_send_and_write(LinkType type, bool isGlobal)
    {
        var (world, a, b) = Make(type, QpType.UnreliableConnected, isGlobal);
        b.Receive(3000);
        a.Post(WorkOpcode.Send, 3000);
        a.Post(WorkOpcode.RdmaWrite, 3000, b);
        Run(world);
        Assert.Equal(a.Memory[..3000], b.Memory[0x4_0000..(0x4_0000 + 3000)]);
        Assert.Equal(a.Memory[..3000], b.Memory[0x8_0000..(0x8_0000 + 3000)]);
    }

    [Theory, MemberData(nameof(Paths))]
    public void A_datagram_says_where_it_came_from_and_can_be_answered(LinkType type, bool isGlobal)
    {
        var (world, a, b) = Make(type, QpType.UnreliableDatagram, isGlobal);
        var handle = a.Domain.CreateAddressHandle(a.PathTo(b, isGlobal));
        b.Receive(600);
        Assert.Null(a.Pair.PostSend(
            new() { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled, AddressHandle = handle, RemoteQpn = b.Pair.Number, RemoteQKey = new(0x1234) }, [a.Sge(0, 500)]));
        Run(world);
        var received = Assert.Single(b.Poll());
        Assert.Equal((CompletionStatus.Success, 540u, isGlobal), (received.Status, received.ByteLength, received.Flags.HasFlag(CompletionFlags.Grh)));
        Assert.Equal(a.Memory[..500], b.Memory[(0x4_0000 + 40)..(0x4_0000 + 540)]);
        if (!isGlobal) Assert.All(b.Memory[0x4_0000..(0x4_0000 + 40)], x => Assert.Equal(0, x));

        var back = b.Domain.CreateAddressHandle(received.Source);
        a.Receive(600);
        Assert.Null(b.Pair.PostSend(
            new() { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled, AddressHandle = back, RemoteQpn = received.SourceQpn, RemoteQKey = new(0x1234) }, [b.Sge(0, 20)]));
        Run(world);
        Assert.Equal([CompletionOpcode.Send, CompletionOpcode.Receive], a.Poll().Select(c => c.Opcode));
    }

    [Fact]
    public void Damaged_packets_are_dropped_by_their_checksums_and_sent_again()
    {
        var (world, a, b) = Make(LinkType.InfiniBand, QpType.ReliableConnected, seed: 3, impairments: new() { CorruptionPpm = 30_000, LossPpm = 10_000 });
        for (var i = 0; i < 30; i++)
        {
            a.Post(WorkOpcode.RdmaWrite, 20_000, b);
            Run(world);
            Assert.Equal(CompletionStatus.Success, Assert.Single(a.Poll()).Status);
        }
        Assert.Equal(a.Memory[..20_000], b.Memory[0x8_0000..(0x8_0000 + 20_000)]);
        Assert.True(b.IbPort.Counters.DroppedVcrc > 5, $"{b.IbPort.Counters.DroppedVcrc}");
        Assert.Equal(0, world.Frames.Outstanding);
    }
}
