using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Tests.Engine.Cm;

/// <summary>
/// The wire between test nodes, the time, and the one loop that runs everything: lanes, datagrams and timers. It loses, repeats and
/// reorders datagrams as the test says, and draws every chance from one seed.
/// </summary>
internal sealed class CmTestNet
{
    private readonly List<(Gid From, Gid To, byte[] Mad)> wire = [];
    private readonly List<CmTestNode> nodes = [];

    public CmTestNet(int seed = 1)
    {
        Random = new(seed);
        Client = Add("client", new(0x505400fffe09000b), 0x11, Gid.Parse("10.9.0.12"), Gid.Parse("fd00:9::12"));
        Server = Add("server", new(0x505400fffe09000a), 0x21, Gid.Parse("10.9.0.11"), Gid.Parse("fd00:9::11"));
    }

    public System.Random Random { get; }
    public Instant Now { get; private set; } = new(5000);
    public CmTestNode Client { get; private set; }
    public CmTestNode Server { get; }
    /// <summary>Every datagram sent, in order, lost ones too.</summary>
    public List<byte[]> Sent { get; } = [];
    public List<string> Names => [.. Sent.Select(m => CmMad.TryReadHeader(m, out _, out var a, out _) ? CmMad.TableOf(a)!.Name : "?")];
    /// <summary>Given the number of the datagram and its bytes: true loses it.</summary>
    public Func<int, byte[], bool> Lose { get; set; } = (_, _) => false;
    public int LossPercent { get; set; }
    public int DuplicatePercent { get; set; }
    public int ReorderPercent { get; set; }
    /// <summary>Datagrams are held back while set.</summary>
    public bool Frozen { get; set; }

    private CmTestNode Add(string name, Guid64 guid, uint qpn, params Gid[] gids)
    {
        var node = new CmTestNode(this, name, guid, qpn, gids);
        nodes.Add(node);
        return node;
    }

    /// <summary>The client forgets everything and comes back with the same GUID and the same QPNs.</summary>
    public void RebootClient()
    {
        nodes.Remove(Client);
        Client = Add("client", Client.Attributes.NodeGuid, 0x11, Gid.Parse("10.9.0.12"), Gid.Parse("fd00:9::12"));
    }

    public void Send(Gid from, Gid to, ReadOnlySpan<byte> mad)
    {
        Assert.Equal(256, mad.Length);
        var copy = mad.ToArray();
        Sent.Add(copy);
        if (Lose(Sent.Count - 1, copy) || Random.Next(100) < LossPercent) return;
        wire.Add((from, to, copy));
        if (Random.Next(100) < DuplicatePercent) wire.Add((from, to, copy));
    }

    public void Inject(CmTestNode to, byte[] mad, CmTestNode? from = null) => to.Receive((from ?? Client).Address, to.Address, mad);

    /// <summary>One thing: an event of a lane, a datagram, or, when there is neither, the next timer. False when nothing is left.</summary>
    public bool Step(Instant until)
    {
        var lanes = nodes.SelectMany(n => n.Lanes).Where(l => l.Items.Count > 0).ToList();
        var ready = lanes.Count + (wire.Count > 0 && !Frozen ? 1 : 0);
        if (ready > 0)
        {
            var choice = ReorderPercent > 0 ? Random.Next(ready) : 0;
            if (choice < lanes.Count)
            {
                var item = lanes[choice].Items.Dequeue();
                item.IsPosted = false;
                item.Run();
                return true;
            }
            var index = Random.Next(100) < ReorderPercent ? Random.Next(wire.Count) : 0;
            var (from, to, mad) = wire[index];
            wire.RemoveAt(index);
            nodes.Find(n => n.IndexOf(to) >= 0)?.Receive(from, to, mad);
            return true;
        }
        var timer = nodes.SelectMany(n => n.Timers).Where(t => t.IsArmed).MinBy(t => t.Deadline);
        if (timer is null || timer.Deadline > until) return false;
        Now = Instant.Max(Now, timer.Deadline);
        timer.FireNow();
        return true;
    }

    /// <summary>Runs until nothing is left to do, timers included.</summary>
    public void Run() => RunUntil(Instant.Never);

    /// <summary>Runs everything that is due now, and no timer of later.</summary>
    public void Settle() => RunUntil(Now);

    public void RunFor(Duration time)
    {
        var until = Now + time;
        RunUntil(until);
        Now = until;
    }

    private void RunUntil(Instant until)
    {
        for (var i = 0; Step(until); i++) Assert.True(i < 100_000, "no rest");
    }

    /// <summary>Nothing is left of all that went on: no id, connection, port, timer, lane, reservation, or QP.</summary>
    public void AssertQuiescent()
    {
        foreach (var node in nodes)
        {
            Assert.Equal((0, 0, 0, 0), (node.Manager.IdCount, node.Manager.LinkCount, node.Manager.RemoteEntryCount, node.Manager.BoundCount));
            Assert.Empty(node.ArmedTimers);
            Assert.Empty(node.Lanes);
            Assert.Empty(node.Reserved);
            Assert.All(node.Qps, qp => Assert.True(qp.IsDestroyed));
        }
    }
}
