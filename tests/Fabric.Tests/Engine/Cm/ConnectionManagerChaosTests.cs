using Weft.Fabric.Connections;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Tests.Engine.Cm;

/// <summary>Many connections over a bad wire, with consumers that do things at odd moments: whatever happens, everything comes to rest.</summary>
public class ConnectionManagerChaosTests
{
    private static int Rounds(int standard) => int.Parse(Environment.GetEnvironmentVariable("WEFT_FUZZ_ROUNDS") ?? standard.ToString());

    [Fact]
    public void Loss_duplication_and_reordering_leave_no_trace()
    {
        var established = 0;
        for (var seed = 0; seed < Rounds(150); seed++)
        {
            var net = new CmTestNet(seed) { LossPercent = seed % 5 * 10, DuplicatePercent = seed % 3 * 10, ReorderPercent = seed % 4 * 20 };
            var (client, server) = (new CmTestPeer(net.Client), new CmTestPeer(net.Server));
            var listener = server.Listen(3260, backlog: 3);
            for (var i = 0; i < 4; i++) client.Connect(net.Server.Address, 3260, i == 3 ? PortSpace.Udp : PortSpace.Tcp);
            for (var step = 0; step < 400 && net.Step(Instant.Never); step++)
            {
                if (net.Random.Next(12) != 0) continue;
                var ids = net.Random.Next(2) == 0 ? client.Ids : server.Ids;
                if (ids.Count == 0) continue;
                var id = ids[net.Random.Next(ids.Count)];
                switch (net.Random.Next(8))
                {
                    case 0: id.Destroy(); break;
                    case 1: id.NotifyCommunicationEstablished(); break;
                    case 2: id.Reject([1]); break;
                    default: id.Disconnect(); break;
                }
            }
            net.Run();
            established += client.Types.Count(t => t == CmEventType.Established);
            foreach (var e in (CmEventType[])[CmEventType.Established, CmEventType.Disconnected, CmEventType.TimewaitExit])
                Assert.True(client.Types.Count(t => t == e) <= 4, $"seed {seed}: {e} too often");
            foreach (var id in client.Ids.Concat(server.Ids)) id.Destroy();
            listener.Destroy();
            net.Run();
            net.AssertQuiescent();
        }
        Assert.True(established > 0);
    }

    /// <summary>Damaged datagrams of a real exchange, at any moment of it: no exception, and nothing is left at the end.</summary>
    [Fact]
    public void Damaged_datagrams_do_no_harm()
    {
        for (var seed = 0; seed < Rounds(150); seed++)
        {
            var net = new CmTestNet(seed);
            var (client, server) = (new CmTestPeer(net.Client), new CmTestPeer(net.Server));
            var listener = server.Listen(3260);
            server.On = e =>
            {
                if (e.Type != CmEventType.ConnectRequest) return false;
                server.Ids.Add(e.Id);
                if (e.Id.CreateQueuePair(net.Server, server.Qp(PortSpace.Tcp)) is null) e.Id.Accept(CmTestPeer.Defaults);
                return true;
            };
            client.Connect(net.Server.Address, 3260);
            for (var step = 0; step < 120; step++)
            {
                net.Step(net.Now);
                if (net.Sent.Count == 0) continue;
                if (step == 60) foreach (var id in client.Ids) id.Disconnect();
                var mad = (byte[])net.Sent[net.Random.Next(Math.Min(net.Sent.Count, 20))].Clone();
                for (var n = net.Random.Next(0, 6); n > 0; n--)
                    mad[net.Random.Next(3) == 0 ? net.Random.Next(mad.Length) : 16 + net.Random.Next(80)] = (byte)(net.Random.Next(3) == 0 ? net.Random.Next(256) : net.Random.Next(0x10, 0x1B));
                if (net.Random.Next(16) == 0) mad = mad[..net.Random.Next(mad.Length)];
                net.Inject(net.Random.Next(2) == 0 ? net.Client : net.Server, mad);
            }
            net.Run();
            foreach (var id in client.Ids.Concat(server.Ids)) id.Destroy();
            listener.Destroy();
            net.Run();
            net.AssertQuiescent();
        }
    }
}
