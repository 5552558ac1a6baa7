using Weft.Fabric.Engine.Management;
using Weft.Fabric.Engine.Sa;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Sim.Subnet;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Mad.DeviceManagement;
using Weft.Protocol.Mad.Smp;
using Weft.Target.Commands;
using Weft.Target.Luns;
using Weft.Target.Srp;

namespace Weft.Scenarios.Subnets;

/// <summary>
/// A topology as a simulated world with an SRP target on some of its hosts, a disk in memory behind each, and a subnet manager: what discovery
/// runs over, packet by packet.
/// </summary>
internal sealed class SrpSubnet
{
    private const ulong Blocks = 16384;
    private static readonly Duration UpWithin = Duration.FromSeconds(120), FoundWithin = Duration.FromSeconds(1200);
    private readonly World world = new();
    private readonly IbFabric fabric;
    private readonly SubnetManager manager;
    private readonly List<SrpTarget> targets = [];
    private readonly IbAdapterNode asking;

    /// <param name="from">Port that asks: port 1 of a host.</param>
    /// <param name="hosts">Hosts with a target on their port 1.</param>
    /// <param name="options">Of the manager, which sits on the first host that is none of these, or else beside the one that asks.</param>
    /// <exception cref="ArgumentException">A host of the topology has cables at other ports than its first ones.</exception>
    public SrpSubnet(IbSubnet subnet, SubnetPort from, IReadOnlyList<SubnetNode> hosts, ManagerOptions options)
    {
        fabric = new(world, subnet);
        fabric.Build();
        foreach (var adapter in fabric.Adapters) adapter.Start(adapter.Node);
        asking = fabric.AdapterOf(from.Node);
        foreach (var host in hosts) AddTarget(fabric.AdapterOf(host));
        var seat = fabric.Adapters.FirstOrDefault(a => a != asking && a.Model[1].Peer is not null && !hosts.Contains(a.Model)) ?? asking;
        manager = new(seat.Node, new AdapterManagementPort(seat), options);
    }

    private void AddTarget(IbAdapterNode adapter)
    {
        var device = adapter.Device;
        var units = new TargetDevice(adapter.Name, announcesPowerOn: false);
        units.Luns.Default.Add(0, new DiskUnit(new RamStore("ram", Blocks)));
        var target = new SrpTarget(adapter.Node, units);
        var port = new SrpPort(target, device.Verbs);
        target.Enable();
        port.ListenInfiniBand();
        var agent = new DeviceManagementAgent();
        agent.Add(SrpProfile.Of(port));
        _ = new DeviceManagementService(device.MadPorts[0], agent);
        adapter.Model[1].Info.Capabilities |= PortCapabilities.DeviceManagement;
        targets.Add(target);
    }

    /// <summary>Brings the subnet up, finds what there is, and logs in to it when asked to.</summary>
    /// <param name="found">Is called with all ports that were found.</param>
    /// <param name="logins">Strings of <c>add_target</c> to log in with, for what was found; none: nobody is logged in to.</param>
    /// <param name="loggedIn">Is called for each login with its string and its disk's blocks, or with why it failed.</param>
    /// <returns>Null, or what went wrong.</returns>
    public string? Run(Action<IReadOnlyList<DiscoveredPort>> found, Func<DiscoveredPort, IEnumerable<string>>? logins, Action<string, ulong, string?> loggedIn)
    {
        string? problem = null;
        var result = world.Run(async w =>
        {
            manager.Start();
            await w.Until(() => manager.IsUp && asking.Device.Ports[0].IsActive, "the subnet is up", UpWithin);
            var (ports, trouble) = await DiscoverAsync(w);
            problem = trouble;
            found(ports);
            if (logins is not null) await LogInAsync(ports.SelectMany(logins), loggedIn);
            foreach (var target in targets) await StopAsync(w, target);
            manager.Stop();
        });
        return problem ?? (result.HasPassed ? null : result.ToString());
    }

    private async Task<(IReadOnlyList<DiscoveredPort> Ports, string? Problem)> DiscoverAsync(World w)
    {
        var device = asking.Device;
        var administration = new SaTableClient(asking.Node, device.Ports[0], device.MadPorts[0]);
        var discovery = new TargetDiscovery(administration, new DeviceManagementClient(asking.Node, device.MadPorts[0]), device.Ports[0]);
        (IReadOnlyList<DiscoveredPort>, string?)? answer = null;
        discovery.Begin((ports, problem) => answer = (ports, problem));
        await w.Until(() => answer is not null, "the targets", FoundWithin);
        return answer!.Value;
    }

    private async Task LogInAsync(IEnumerable<string> lines, Action<string, ulong, string?> loggedIn)
    {
        var host = new InitiatorHost(asking.Device.Verbs, asking.Name) { Paths = asking.Device.Paths };
        foreach (var line in lines)
        {
            try
            {
                var session = await host.LoginAsync(SrpAddTarget.TryParse(line, out var error) ?? throw new LoginException(LoginFailure.Fatal, 0, error ?? line));
                var disk = session.OpenDisk(0);
                loggedIn(line, (await disk.ReadCapacityAsync()).LastLba + 1, null);
                await session.LogoutAsync();
            }
            catch (LoginException e)
            {
                loggedIn(line, 0, e.Message);
            }
        }
    }

    private static async Task StopAsync(World w, SrpTarget target)
    {
        var isStopped = false;
        target.Stop(() => isStopped = true);
        await w.Until(() => isStopped, "a target to stop");
    }
}
