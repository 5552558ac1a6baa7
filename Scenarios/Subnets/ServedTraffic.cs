using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad.Smp;

namespace Weft.Scenarios.Subnets;

/// <summary>
/// Packets in a subnet while it is served: a world around its model keeps step with the clock of the server. So what a manager writes decides
/// on them, and what they do stands in the counters that the tools read.
/// </summary>
internal sealed class ServedTraffic : ISubnetObserver
{
    private static readonly Duration Step = Duration.FromMilliseconds(1), MostAtOnce = Duration.FromMilliseconds(20);
    private readonly World world = new(new() { EventLimit = long.MaxValue, TimeLimit = Instant.Never });
    private readonly IbFabric fabric;
    private readonly List<TrafficFlow> flows = [];
    private Duration behind;

    /// <param name="subnet">Observed by nobody yet; the server is made after this, with this as the next observer.</param>
    /// <exception cref="ArgumentException">There are no two hosts, or one of them has cables at other ports than its first ones.</exception>
    public ServedTraffic(IbSubnet subnet, TrafficOptions options)
    {
        fabric = new(world, subnet);
        fabric.Build();
        var hosts = fabric.Adapters.Where(adapter => adapter.Model[1].Peer is not null).ToList();
        if (hosts.Count < 2) throw new ArgumentException("traffic wants two hosts that are cabled");
        foreach (var adapter in fabric.Adapters) adapter.Start(adapter.Node);
        for (var i = 0; i < Math.Min(options.Flows, hosts.Count); i++) flows.Add(new(hosts[i], hosts[(i + 1) % hosts.Count], options));
    }

    /// <summary>When to call <see cref="Advance"/> next.</summary>
    public Instant Deadline => world.Now + behind + Step;

    /// <summary>
    /// Lets the world go on to a time of the server, by no more than 20 ms in one go: what it does not manage to keep up with is left out, so
    /// that managers are served all the same.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something threw in the world.</exception>
    public void Advance(Instant now)
    {
        if (now - (world.Now + behind) > MostAtOnce) behind = now - MostAtOnce - world.Now;
        while (world.Now + behind + Step <= now)
        {
            var result = world.RunUntil(world.Now + Step);
            if (!result.HasPassed) throw new InvalidOperationException($"the traffic ended: {result}", result.Exception);
            foreach (var flow in flows) flow.Tick(world.Now);
        }
    }

    /// <summary>One line for each flow.</summary>
    public string Describe() => string.Join('\n', flows);

    public void OnPortState(SubnetPort port) => fabric.Refresh(port);

    public void OnSet(SubnetPort port) => ((ISubnetObserver)fabric).OnSet(port);

    /// <summary>Notices go to the manager behind the management port, by the server; there is none in the world.</summary>
    public void OnNotice(SubnetPort endPort, in Notice notice)
    {
    }
}
