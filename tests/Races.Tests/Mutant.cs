using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Cm;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Initiator;
using Weft.Protocol.Srp;
using Weft.Scenarios.Runner;
using Weft.Target.Commands;
using Weft.Target.Iser;
using Weft.Target.Sessions;
using Weft.Target.Srp;

namespace Weft.Races.Tests;

/// <summary>The product with one part replaced by one that has a bug.</summary>
internal sealed class Mutant : ScenarioParts
{
    public Func<IserPortal, ICmId, IserConnection>? Connection { get; init; }
    public Func<TargetHost, IRdmaDevice, IpEndpoint, IserPortal>? Portal { get; init; }
    public Func<IExecutor, HostLimits, TargetHost>? Host { get; init; }
    public Func<Hca, IPacketPort[], IMadPort[], ConnectionManager>? Manager { get; init; }

    public Func<IRdmaDevice, string, InitiatorHost>? Initiator { get; init; }

    public Func<ManagerOptions, ManagerOptions>? SubnetManager { get; init; }

    public Func<IManagementPort, IManagementPort>? ManagementPort { get; init; }

    public override IManagementPort WrapPort(IManagementPort port) => ManagementPort?.Invoke(port) ?? port;

    public override ManagerOptions Manage(ManagerOptions options) => SubnetManager?.Invoke(options) ?? options;

    public Func<SrpTarget, IRdmaDevice, SrpPort>? SrpPort { get; init; }
    public Func<SrpPort, ICmId, SrpLoginRequest, string, SrpChannel>? SrpChannel { get; init; }
    public Func<SrpTargetOptions, SrpTargetOptions>? SrpOptions { get; init; }

    public override SrpTarget CreateSrpTarget(IExecutor executor, TargetDevice units, SrpTargetOptions options) =>
        base.CreateSrpTarget(executor, units, SrpOptions?.Invoke(options) ?? options);

    public override SrpPort CreateSrpPort(SrpTarget target, IRdmaDevice device) =>
        SrpPort is not null ? SrpPort(target, device) : SrpChannel is not null ? new MutantSrpPort(target, device, SrpChannel) : base.CreateSrpPort(target, device);

    private sealed class MutantSrpPort(SrpTarget target, IRdmaDevice device, Func<SrpPort, ICmId, SrpLoginRequest, string, SrpChannel> make) : SrpPort(target, device)
    {
        protected override SrpChannel CreateChannel(ICmId id, SrpLoginRequest login, string sessionName) => make(this, id, login, sessionName);
    }

    public override InitiatorHost CreateInitiator(IRdmaDevice device, string name) =>
        Initiator is null ? base.CreateInitiator(device, name) : Initiator(device, name);

    public override IRdmaDevice CreateDevice(IExecutor executor, RoceDeviceOptions options, params ILink[] links) =>
        Manager is null ? base.CreateDevice(executor, options, links) : RoceDevice.Create(executor, options, Manager, links);

    public override TargetHost CreateTargetHost(IRdmaDevice device, HostLimits limits) =>
        Host is null ? base.CreateTargetHost(device, limits) : Host(device.Executor, limits);

    public override IserPortal CreatePortal(TargetHost host, IRdmaDevice device, IpEndpoint endpoint) =>
        Portal is not null ? Portal(host, device, endpoint)
        : Connection is not null ? new MutantPortal(host, device, endpoint, Connection)
        : base.CreatePortal(host, device, endpoint);

    private sealed class MutantPortal(TargetHost host, IRdmaDevice device, IpEndpoint endpoint, Func<IserPortal, ICmId, IserConnection> make)
        : IserPortal(host, device, endpoint)
    {
        protected override IserConnection CreateConnection(ICmId id) => make(this, id);
    }
}
