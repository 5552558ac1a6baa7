using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Target.Commands;
using Weft.Target.Iser;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Runner;

/// <summary>A host with an iSER target on it: one portal, one target, LUNs in memory.</summary>
public sealed class TargetNode
{
    public const string TargetName = "iqn.2026-11.example.weft:disk";
    public const ushort Port = 3260;

    internal TargetNode(ScenarioHost host, ScenarioParts parts, TargetNodeOptions options)
    {
        Host = host;
        Software = parts.CreateTargetHost(host.Device, options.Limits);
        Target = Software.AddTarget(TargetName);
        Target.Policy = options.Policy;
        for (var lun = 0; lun < options.Luns; lun++)
        {
            var store = new RamStore($"ram{lun}", options.Blocks, options.BlockLength, options.Timing.Lanes > 0 ? host.Executor : null, options.Timing);
            Stores.Add(store);
            Target.Device.Luns.Default.Add(lun, new DiskUnit(store, new DiskOptions { Serial = $"weft{lun:d4}" }));
        }
        Portal = parts.CreatePortal(Software, host.Device, host.Endpoint(Port));
    }

    public ScenarioHost Host { get; }
    public TargetHost Software { get; }
    public IscsiTarget Target { get; }
    public IserPortal Portal { get; }
    public List<RamStore> Stores { get; } = [];
    public IpEndpoint Endpoint => Host.Endpoint(Port);

    /// <summary>Stops the target and waits until nothing of it is left.</summary>
    public async ValueTask StopAsync(ScenarioWorld world)
    {
        var stopped = world.NewSignal($"{Host.Name}'s target to stop");
        Software.Stop(() => stopped.TrySet());
        await stopped.Task;
    }
}
