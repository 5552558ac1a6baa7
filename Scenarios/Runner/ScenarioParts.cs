using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Initiator;
using Weft.Target.Commands;
using Weft.Target.Iser;
using Weft.Target.Sessions;
using Weft.Target.Srp;

namespace Weft.Scenarios.Runner;

/// <summary>
/// Makes the software under test. A test that puts an old bug back derives from it and gives the part that has the bug; the program
/// itself only ever uses this one.
/// </summary>
public class ScenarioParts
{
    public static ScenarioParts Product { get; } = new();

    /// <summary>The device of a host, with a link for each of its ports: transport engine and connection manager.</summary>
    public virtual IRdmaDevice CreateDevice(IExecutor executor, RoceDeviceOptions options, params ILink[] links) => RoceDevice.Create(executor, options, links);

    /// <summary>The device of a host on InfiniBand.</summary>
    public virtual IRdmaDevice StartAdapter(IbAdapterNode adapter, IExecutor executor, IPathResolver? paths, EngineLimits limits) =>
        adapter.Start(executor, paths, limits).Verbs;

    /// <summary>How the subnet manager is set up.</summary>
    public virtual ManagerOptions Manage(ManagerOptions options) => options;

    /// <summary>What a subnet manager sees of its port.</summary>
    public virtual IManagementPort WrapPort(IManagementPort port) => port;

    /// <summary>What a host's software sees of its device.</summary>
    public virtual IRdmaDevice WrapDevice(IRdmaDevice device) => device;

    public virtual TargetHost CreateTargetHost(IRdmaDevice device, HostLimits limits) => new(device.Executor, limits);

    public virtual IserPortal CreatePortal(TargetHost host, IRdmaDevice device, IpEndpoint endpoint) => new(host, device, endpoint);

    public virtual SrpTarget CreateSrpTarget(IExecutor executor, TargetDevice units, SrpTargetOptions options) => new(executor, units, options);

    public virtual SrpPort CreateSrpPort(SrpTarget target, IRdmaDevice device) => new(target, device);

    public virtual InitiatorHost CreateInitiator(IRdmaDevice device, string name) => new(device, name);
}
