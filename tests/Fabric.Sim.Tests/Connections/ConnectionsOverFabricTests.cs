using Weft.Fabric.Connections;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Sim.Tests.Connections;

/// <summary>The connection manager on the real transport engine over simulated links.</summary>
public sealed class ConnectionsOverFabricTests
{
    private const ushort Port = 3260;

    private static (World World, CmHost Client, CmHost Server, SimLink Link) Make(LinkType type, ulong seed, LinkImpairments? impairments = null)
    {
        var world = new World(new() { Seed = seed });
        var (a, b) = (world.AddHost("h1"), world.AddHost("h2"));
        var link = world.Connect(a, b, new() { Type = type, Impairments = impairments ?? LinkImpairments.None });
        var paths = new PathTable();
        return (world, new(link.A, 1, paths), new(link.B, 2, paths), link);
    }

    private static void AssertNothingLeft(World world, params CmHost[] hosts)
    {
        var left = world.Quiescence();
        Assert.True(left.IsQuiet, left.ToString());
        foreach (var host in hosts) Assert.Equal(default, host.Device.Resources);
    }

    /// <summary>The MAD lies behind Ethernet, IPv4, UDP, BTH and DETH (14 + 20 + 8 + 12 + 8), or behind LRH, BTH and DETH (8 + 12 + 8).</summary>
    private static bool IsCm(LinkType type, ReadOnlySpan<byte> frame, CmAttribute attribute)
    {
        var (mad, length) = type == LinkType.Ethernet ? (62, 322) : (28, 290);
        return frame.Length == length && frame[mad + 1] == 7 && frame[mad + 16] == 0 && frame[mad + 17] == (byte)attribute;
    }

    [Theory, InlineData(LinkType.Ethernet), InlineData(LinkType.InfiniBand)]
    public void A_connection_over_a_clean_link_takes_five_messages_and_leaves_nothing(LinkType type)
    {
        var (world, client, server, _) = Make(type, 1);
        server.Listen(Port);
        client.Connect(server.Address, Port);
        var result = world.Run(async w =>
        {
            await w.Until(() => server.Types.Contains(CmEventType.Established), "established", Duration.FromSeconds(1));
            await w.Delay(Duration.FromMilliseconds(1));
            Assert.Null(client.LastId.Disconnect());
            await w.Until(() => client.IsOver && server.IsOver, "disconnected", Duration.FromSeconds(1));
            client.CleanUp();
            server.CleanUp();
            await w.Idle();
        });
        Assert.True(result.HasPassed, result.ToString());
        Assert.Equal(1, server.Received);
        Assert.Equal([CmEventType.ConnectRequest, CmEventType.Established, CmEventType.Disconnected], server.Types);
        AssertNothingLeft(world, client, server);
    }

    [Theory, InlineData(LinkType.Ethernet), InlineData(LinkType.InfiniBand)]
    public void When_the_ready_to_use_is_lost_the_first_data_establishes(LinkType type)
    {
        var (world, client, server, link) = Make(type, 2);
        var fault = new FrameFault("lose RTU", frame => IsCm(type, frame, CmAttribute.Rtu)) { Count = 1 };
        link.A.Plan(fault);
        server.Listen(Port);
        client.Connect(server.Address, Port);
        var result = world.Run(async w =>
        {
            await w.Until(() => server.Types.Contains(CmEventType.Established), "established", Duration.FromSeconds(1)); // the REP's timer is 4.3 s
            await w.Delay(Duration.FromSeconds(20));
            client.LastId.Disconnect();
            await w.Until(() => client.IsOver && server.IsOver, "disconnected", Duration.FromSeconds(1));
            client.CleanUp();
            server.CleanUp();
            await w.Idle();
        });
        Assert.True(result.HasPassed, result.ToString());
        Assert.Equal((1, 1, 1), (fault.Struck, server.CommunicationEstablished, server.Received));
        Assert.Equal(1, server.Types.Count(t => t == CmEventType.Established));
        AssertNothingLeft(world, client, server);
    }

    [Theory, InlineData(LinkType.Ethernet), InlineData(LinkType.InfiniBand)]
    public void Bad_links_delay_a_connection_but_leave_nothing(LinkType type)
    {
        var established = 0;
        for (var seed = 1ul; seed <= 60; seed++)
        {
            var (world, client, server, _) = Make(type, seed, new()
            {
                LossPpm = 200_000, CorruptionPpm = 50_000, DuplicationPpm = 100_000, ReorderingPpm = 100_000,
            });
            server.Listen(Port);
            client.Connect(server.Address, Port);
            var result = world.Run(async w =>
            {
                await w.Until(() => server.Types.Contains(CmEventType.Established) || client.IsOver || server.IsOver, "established", Duration.FromSeconds(200));
                if (seed % 3 != 0 && client.LastId.QueuePair is not null) client.LastId.Disconnect();
                await w.Delay(Duration.FromSeconds(seed % 7));
                client.CleanUp();
                server.CleanUp();
                await w.Idle();
            });
            Assert.True(result.HasPassed, $"seed {seed}: {result}");
            if (server.Types.Contains(CmEventType.Established)) established++;
            AssertNothingLeft(world, client, server);
        }
        Assert.True(established > 50, $"{established} of 60");
    }
}
