using Weft.Fabric.Execution;
using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Carriers;

/// <summary>
/// Carries the MADs of managers through the model of a subnet by <see cref="MadWalk"/>: no packets, no latency, nothing lost but what has
/// no way. Everything runs on one executor, and no answer comes inside the call that asked.
/// </summary>
public sealed class ManagementWalk : WorkItem, ISubnetObserver
{
    private readonly IbSubnet subnet;
    private readonly IExecutor executor;
    private readonly ILane lane;
    private readonly Dictionary<SubnetPort, WalkPort> ports = [];
    private readonly Queue<Flight> flights = [];
    private readonly Stack<byte[]> buffers = [];
    private bool isPosted;
    private ulong traps;

    private readonly record struct Flight(byte[] Mad, SubnetPort From, Lid Destination, Qpn Queue);

    /// <summary>Becomes the observer of the subnet: notices travel as traps to the manager that their port names.</summary>
    public ManagementWalk(IbSubnet subnet, IExecutor executor)
    {
        (this.subnet, this.executor) = (subnet, executor);
        lane = executor.CreateLane("management packets", ChoiceKind.Dispatch);
        subnet.Observer = this;
    }

    /// <summary>MADs that found no way, or nobody at its end.</summary>
    public long Lost { get; private set; }
    public long Carried { get; private set; }

    /// <summary>The management port at an end port of the subnet; one for each.</summary>
    public IManagementPort Attach(SubnetPort port) => ports.TryGetValue(port.EndPort, out var known) ? known : ports[port.EndPort] = new(this, port.EndPort);

    /// <summary>Takes a port away, as when its host dies.</summary>
    public void Detach(SubnetPort port)
    {
        ports.Remove(port.EndPort);
        subnet.SetCapabilities(port.EndPort, port.EndPort.Info.Capabilities & ~PortCapabilities.IsSm);
    }

    void ISubnetObserver.OnPortState(SubnetPort port)
    {
    }

    void ISubnetObserver.OnNotice(SubnetPort endPort, in Notice notice)
    {
        if (endPort.Lid == Lid.None || endPort.Info.MasterSmLid == Lid.None) return;
        var buffer = Rent();
        var mad = new SmpMad(buffer);
        mad.BeginLidRouted(MadMethod.Trap, SmpAttribute.Notice, 0, ++traps);
        notice.Write(mad.Data);
        Launch(new(buffer, endPort, endPort.Info.MasterSmLid, Qpn.Smi));
    }

    public override void Run()
    {
        isPosted = false;
        while (flights.TryDequeue(out var flight))
        {
            Carried++;
            if (!TryCarry(flight)) Lost++;
            buffers.Push(flight.Mad);
        }
    }

    private bool TryCarry(in Flight flight)
    {
        if (MadWalk.Carry(flight.From, flight.Destination, flight.Mad) is not { } end) return false;
        switch ((MadClass)flight.Mad[1])
        {
            case MadClass.SubnetDirectedRoute or MadClass.SubnetLidRouted:
                return Serve(SmaAgent.Handle(end, new(flight.Mad), flight.From.Lid, executor.Now), flight, end);
            case MadClass.Performance:
                return Serve(PerformanceAgent.Handle(end, flight.Mad), flight, end);
            default:
                return Deliver(end, flight);
        }
    }

    private bool Serve(AgentAction action, in Flight flight, SubnetPort end) => action switch
    {
        AgentAction.Deliver => Deliver(end, flight),
        AgentAction.Drop => true,
        _ => MadWalk.Carry(end, new SmpMad(flight.Mad).IsDirected ? Lid.Permissive : flight.From.Lid, flight.Mad) is { } home
            && Deliver(home, new(flight.Mad, end, default, flight.Queue)),
    };

    private bool Deliver(SubnetPort end, in Flight flight)
    {
        if (!ports.TryGetValue(end.EndPort, out var port) || port.Client is not { } client) return false;
        client.OnMad(flight.From.Lid, flight.Queue, flight.Mad);
        return true;
    }

    private byte[] Rent() => buffers.TryPop(out var buffer) ? buffer : new byte[SmpMad.Length];

    private void Launch(in Flight flight)
    {
        flights.Enqueue(flight);
        if (isPosted) return;
        isPosted = true;
        lane.Post(this);
    }

    private sealed class WalkPort(ManagementWalk walk, SubnetPort port) : IManagementPort
    {
        public IManagementClient? Client { get; set; }

        public void Send(Lid destination, Qpn queue, ReadOnlySpan<byte> mad)
        {
            var buffer = walk.Rent();
            mad.CopyTo(buffer);
            walk.Launch(new(buffer, port, destination, queue));
        }

        public void SetIsManager(bool isManager) =>
            walk.subnet.SetCapabilities(port, isManager ? port.Info.Capabilities | PortCapabilities.IsSm : port.Info.Capabilities & ~PortCapabilities.IsSm);
    }
}
