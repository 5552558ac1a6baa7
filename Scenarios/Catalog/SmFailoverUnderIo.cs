using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Nodes;
using Weft.Protocol.Mad.Smp;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Tools.Rping;

namespace Weft.Scenarios.Catalog;

/// <summary>The master subnet manager dies while hosts talk; the standby takes over; later the master comes back.</summary>
internal sealed class SmFailoverUnderIo : Scenario
{
    private static readonly Setting Count = new("count", 1000, 1, 1_000_000, "pings", "Pings of each client.");
    private static readonly Setting Size = new("size", 4096, RpingOptions.MinSize, RpingOptions.MaxSize, "bytes", "Bytes of one ping.");
    private static readonly Duration Limit = Duration.FromSeconds(30);

    public override string Name => "sm-failover-under-io";
    public override string Claim => "When the master subnet manager dies the standby takes over: traffic that runs goes on, LIDs stay, and new connections find their paths.";
    public override string Source => "IBA 14.4.1";
    public override string? NotLive => "it needs an InfiniBand subnet";
    public override string CaptureAt => "server";
    public override int Weight => 50;
    public override IReadOnlyList<Setting> Settings { get; } =
        [Count, Size, .. CommonSettings.InfiniBandLinks];

    public override async Task RunAsync(ScenarioWorld world)
    {
        // Quick enough that traffic is still running when the standby has taken over.
        var quick = new ManagerOptions { PollInterval = Duration.FromMilliseconds(4), PollRetries = 2, ResponseTimeout = Duration.FromMilliseconds(1), Retries = 1 };
        var subnet = world.UseSubnet(new(Leaves: 2, Spines: 2, Manager: quick with { Priority = 5 }, SwitchPorts: SubnetShape.FewPorts));
        var master = subnet.Manager!;
        var second = world.AddHost("standby");
        var standby = new SubnetManager(second.Executor, world.Parts.WrapPort(new AdapterManagementPort(second.Adapter!)), world.Parts.Manage(quick));
        world.AtEnd(() =>
        {
            standby.Stop();
            return ValueTask.CompletedTask;
        });
        var server = world.AddHost("server");
        var (early, late) = (world.AddHost("early"), world.AddHost("late"));
        await world.ClaimWithin(Limit, () => ScenarioSubnet.IsWhole(master), "sweep", Source, "the first manager brings the subnet up");
        standby.Start();
        await world.ClaimWithin(Limit, () => standby.State == SmState.Standby, "standby", Source, "the second manager stands by");

        var options = new RpingOptions((int)world.Settings.Get(Count), (int)world.Settings.Get(Size));
        var listener = new RpingListener(server.Device, options);
        listener.Listen(server.Endpoint(RpingOptions.DefaultPort));
        var first = await PingAsync(world, early, server, options, master);
        var (lids, pings) = (Lids(world), first.Pings);

        subnet.Fabric.Adapters.Single(a => a.Name == "sm").Node.Kill(linksDown: false);
        await world.ClaimWithin(Limit, () => standby.IsUp, "takeover", Source, "the standby brings the subnet up");
        world.Saw(first.IsFinished ? "the traffic had ended before the standby took over" : "traffic ran while the standby took over");
        world.Claim(first.Pings > pings || world.Network.HasMeddled, "rping", Source, $"pings go on without a manager, but there were {pings} when it died and {first.Pings} when the standby took over");
        world.Claim(lids.SequenceEqual(Lids(world)), "lids-stay", Source, $"LIDs stay when managers change: {string.Join(' ', lids)} before, {string.Join(' ', Lids(world))} now");
        var newcomer = await PingAsync(world, late, server, options, standby);
        await RpingEnds.WaitAsync(world, [first, newcomer], "both clients to finish");
        foreach (var (client, what) in ((RpingClient, string)[])[(first, "what was connected before"), (newcomer, "who connects to a new manager's subnet")])
            world.Claim(client.Failure is null ? client.Pings == options.Count : world.Network.MayCutConnections, "rping", Source, $"{what} does all its {options.Count} pings, but did {client.Pings}: {client.Failure}");
        await RpingEnds.WaitAsync(world, listener.Servers, "every server to finish");
        listener.Close();
    }

    /// <summary>
    /// Begins to ping, and waits for the first answer. Where the network spoils a connection before that, rping is started again; if there is a
    /// port whose answers to the manager were lost, which is not known yet, when that has swept again.
    /// </summary>
    private async Task<RpingClient> PingAsync(ScenarioWorld world, ScenarioHost from, ScenarioHost to, RpingOptions options, SubnetManager manager)
    {
        for (var attempts = 1; ; attempts++)
        {
            var client = new RpingClient(from.Device, options, _ => { });
            client.Connect(to.Endpoint(RpingOptions.DefaultPort));
            await world.ClaimWithin(Limit, () => client.Pings > 0 || client.IsFinished, "rping", Source, "pings go");
            if (client.Pings > 0) return client;
            var sweeps = manager.Sweeps;
            world.Claim(world.Network.MayCutConnections && attempts < NetworkConduct.MostAttempts, "rping", Source, $"{from.Name} reaches {to.Name}, but: {client.Failure}");
            await world.Until(() => manager.Sweeps > sweeps || ScenarioSubnet.IsWhole(manager), "the manager to sweep again", NetworkConduct.Patience);
        }
    }

    private static List<Lid> Lids(ScenarioWorld world) => world.Hosts.Select(h => h.Adapter!.Model[1].Lid).ToList();
}
