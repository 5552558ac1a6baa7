using Weft.Fabric.Connections;
using Weft.Initiator.Srp;
using Weft.Target.Commands;
using Weft.Target.Luns;
using Weft.Target.Srp;

namespace Weft.Scenarios.Runner;

/// <summary>A host with an SRP target on it: one port, LUNs in memory.</summary>
public sealed class SrpTargetNode
{
    public const ushort Port = 5555;
    private readonly ScenarioWorld world;

    private SrpTargetNode(ScenarioWorld world, ScenarioHost host, SrpTargetNodeOptions options)
    {
        (this.world, Host) = (world, host);
        Units = new("disk", announcesPowerOn: false);
        Software = world.Parts.CreateSrpTarget(host.Device.Executor, Units, options.Target);
        for (var lun = 0; lun < options.Luns; lun++)
            Stores.Add(new($"ram{lun}", options.Blocks, (int)Catalog.IserScene.BlockLength, options.Timing.Lanes > 0 ? host.Executor : null, options.Timing));
        if (options.IsStarted) Start();
    }

    public ScenarioHost Host { get; }
    public TargetDevice Units { get; }
    public SrpTarget Software { get; }
    public SrpPort? SrpPort { get; private set; }
    public List<RamStore> Stores { get; } = [];
    public IpEndpoint Endpoint => Host.Endpoint(Port);

    /// <summary>Makes a host with a target, which is stopped at the end.</summary>
    public static SrpTargetNode Add(ScenarioWorld world, SrpTargetNodeOptions? options = null, string name = "target")
    {
        options ??= new();
        var node = new SrpTargetNode(world, world.AddHost(name, options.Host), options);
        world.AtEnd(node.StopAsync);
        return node;
    }

    private void Start()
    {
        Open();
        AddUnits();
        Software.Enable();
        Listen();
    }

    // The steps of a start, for scenarios that come in between.

    public void Open() => SrpPort = world.Parts.CreateSrpPort(Software, Host.Device);

    public void AddUnits()
    {
        for (var lun = 0; lun < Stores.Count; lun++) Units.Luns.Default.Add(lun, new DiskUnit(Stores[lun], new DiskOptions { Serial = $"weft{lun:d4}" }));
    }

    /// <summary>On its address, or on all that it has.</summary>
    public void Listen() => SrpPort!.Listen(Host.Addresses.Count == 1 ? Endpoint : new(default, Port));

    /// <summary>What an initiator writes to add_target.</summary>
    /// <param name="port">Which of the target's ports, from 0.</param>
    public SrpAddTarget Address(int channels = 1, int port = 0)
    {
        var guid = Host.Device.Attributes.NodeGuid.Value;
        return new() { IdExt = guid, IocGuid = guid, Destination = new(Host.Addresses[port], Port), ChannelCount = channels };
    }

    /// <summary>Stops the target and waits until nothing of it is left.</summary>
    public async ValueTask StopAsync()
    {
        var stopped = world.NewSignal($"{Host.Name}'s SRP target to stop");
        Software.Stop(() => stopped.TrySet());
        await stopped.Task;
    }
}
