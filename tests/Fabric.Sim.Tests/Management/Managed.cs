using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Carriers;
using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Management;

/// <summary>A subnet with managers whose MADs walk through the model, in a world of its own.</summary>
internal sealed class Managed
{
    private readonly SimNode executor;

    public Managed(IbSubnet subnet)
    {
        Subnet = subnet;
        World = new();
        executor = World.AddHost("managers");
        Walk = new(subnet, executor);
    }

    public IbSubnet Subnet { get; }
    public World World { get; }
    public ManagementWalk Walk { get; }

    public SubnetManager Manager(string at, ManagerOptions? options = null)
    {
        var node = Subnet.Find(at)!;
        return new(executor, Walk.Attach(node.IsSwitch ? node[0] : node[1]), options);
    }

    /// <summary>A client of the SA at a port.</summary>
    public SaProbe Client(string at, int port = 1)
    {
        var attached = Walk.Attach(Subnet.Find(at)![port]);
        return new(attached);
    }

    public void Run(Func<World, Task> script)
    {
        var result = World.Run(script);
        Assert.True(result.HasPassed, result.ToString());
    }

    /// <summary>Starts a manager and waits for the subnet to be up.</summary>
    public static async Task Up(World world, SubnetManager manager)
    {
        manager.Start();
        await world.Until(() => manager.IsUp, "the subnet is up");
    }

    /// <summary>A fat tree of three levels of switches with 2k ports: hosts h0 on, 2 k^3 of them; edge switches E, then A, then C.</summary>
    public static IbSubnet FatTree(int k)
    {
        var subnet = new IbSubnet();
        var (pods, edge) = (2 * k, 2 * k * k);
        SubnetNode Switch(string id, int number) => subnet.Add(new() { Id = id + number, Type = NodeType.Switch, PortCount = 2 * k, Guid = new(0x0002_c903_0a00_0000UL + (ulong)subnet.Nodes.Count * 16), Description = id + number });
        var e = Enumerable.Range(0, edge).Select(i => Switch("E", i)).ToList();
        var a = Enumerable.Range(0, edge).Select(i => Switch("A", i)).ToList();
        var c = Enumerable.Range(0, k * k).Select(i => Switch("C", i)).ToList();
        for (var pod = 0; pod < pods; pod++)
            for (var low = 0; low < k; low++)
                for (var high = 0; high < k; high++)
                {
                    subnet.Connect(e[pod * k + low][k + high + 1], a[pod * k + high][low + 1]);
                    subnet.Connect(a[pod * k + high][k + low + 1], c[high * k + low][pod + 1]);
                }
        for (var i = 0; i < edge * k; i++)
        {
            var host = subnet.Add(new() { Id = "h" + i, Type = NodeType.Ca, PortCount = 1, Guid = new(0x0002_c903_0010_0000UL + (ulong)i * 16), Description = "host " + i });
            subnet.Connect(host[1], e[i / k][i % k + 1]);
        }
        return subnet;
    }
}
