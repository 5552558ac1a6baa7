using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Verbs;
using Weft.Initiator;
using Weft.Target.Commands;
using Weft.Target.Iser;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Target.Tests.Iser;

/// <summary>A world with a target host and initiators behind one switch. The target's disk is LUN 0, 8 MiB of RAM.</summary>
internal sealed class Lab
{
    public const string TargetName = "iqn.2026-01.weft:disk";
    public static readonly IpEndpoint Portal = new(Gid.Parse("10.0.0.1"), 3260);
    private readonly EthernetSwitch network;
    private int hosts;

    public Lab(World world, HostLimits? limits = null, TargetObserver? observer = null, Func<TargetHost, IRdmaDevice, IserPortal>? portal = null, StoreTiming timing = default)
    {
        World = world;
        network = world.AddSwitch("s1");
        TargetNode = AddNode("t", out var device);
        TargetDevice = device;
        Host = new(TargetNode, limits ?? new() { NopInInterval = Duration.Infinite }, observer);
        Target = Host.AddTarget(TargetName, new TargetDevice("disk", announcesPowerOn: false));
        Store = new("ram", 16384, executor: TargetNode, timing: timing);
        Target.Device.Luns.Default.Add(0, new DiskUnit(Store));
        IserPortal = portal is null ? new(Host, device, Portal) : portal(Host, device);
    }

    public World World { get; }
    public SimNode TargetNode { get; }
    public IRdmaDevice TargetDevice { get; }
    public TargetHost Host { get; }
    public IscsiTarget Target { get; }
    public RamStore Store { get; }
    public IserPortal IserPortal { get; }

    public InitiatorHost AddInitiator(string name = "i1", string iqn = "iqn.2026-01.weft:i1")
    {
        AddNode(name, out var device);
        return new(device, iqn);
    }

    public SimNode AddNode(string name, out IRdmaDevice device)
    {
        var node = World.AddHost(name);
        var port = World.Connect(node, network).A;
        hosts++;
        device = RoceDevice.Create(node, new()
        {
            Name = $"{name}0",
            Ports = [new RocePortOptions { Mac = port.SuggestedMac, Addresses = [Gid.FromIPv4(0x0A00_0000u + (uint)hosts)] }],
        }, port);
        return node;
    }

    /// <summary>Stops the target and checks that nothing is left of it.</summary>
    public async Task StopAsync()
    {
        var stopped = World.NewSignal("target to stop");
        Host.Stop(() => stopped.TrySet());
        await stopped.Task;
        Assert.Empty(Host.Connections);
        Assert.Empty(Host.Sessions);
        Assert.Equal(0, Host.LoginsInProgress);
        Assert.Equal(default, TargetDevice.Resources);
    }

    public static void Run(Func<World, Task> script, WorldOptions? options = null)
    {
        var result = new World(options).Run(script);
        if (result.Exception is { } e) throw new InvalidOperationException(result.ToString(), e);
        Assert.True(result.HasPassed, result.ToString());
    }
}
