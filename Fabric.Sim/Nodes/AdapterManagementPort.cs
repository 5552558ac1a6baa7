using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>
/// The place of a subnet manager on a host of a simulated subnet: its packets leave by the host's QP0 and QP1 and cross real switches. Made
/// after the adapter was started; a restarted host needs another.
/// </summary>
public sealed class AdapterManagementPort : IManagementPort, ISmpReceiver, IMadAgent
{
    private readonly IbAdapterNode adapter;
    private readonly IbPort port;
    private readonly IMadPort madPort;
    private readonly ILane lane;
    private readonly Queue<Arrival> queue = [];
    private readonly Stack<Arrival> free = [];
    private readonly Delivery delivery;

    public AdapterManagementPort(IbAdapterNode adapter, byte portNumber = 1)
    {
        this.adapter = adapter;
        (port, madPort) = (adapter.Device.Ports[portNumber - 1], adapter.Device.MadPorts[portNumber - 1]);
        lane = adapter.Node.CreateLane($"{port.Name} management", ChoiceKind.Dispatch);
        delivery = new(this);
        adapter.Manager = this;
        madPort.Register((byte)MadClass.SubnetAdministration, this);
        madPort.RegisterClient((byte)MadClass.SubnetAdministration, this); // answers to the SA's own reports
    }

    public IManagementClient? Client { get; set; }

    public void Send(Lid destination, Qpn queue, ReadOnlySpan<byte> mad)
    {
        if (queue == Qpn.Smi)
        {
            adapter.Send(port.Number, destination, mad);
            return;
        }
        var key = Math.Max(0, port.IndexOf(PKey.Default));
        madPort.Send(new(port.GidAt(0), Gid.None, port.Number, DestinationLid: destination, IsGlobal: false, PKeyIndex: (ushort)key), queue, mad);
    }

    public void SetIsManager(bool isManager)
    {
        var model = adapter.Model[port.Number];
        var capabilities = model.Info.Capabilities;
        adapter.Fabric.Subnet.SetCapabilities(model, isManager ? capabilities | PortCapabilities.IsSm : capabilities & ~PortCapabilities.IsSm);
    }

    void ISmpReceiver.OnSmp(IbPort port, Lid source, Lid destination, ReadOnlySpan<byte> mad) => Enqueue(source, Qpn.Smi, mad);

    void IMadAgent.OnMad(IMadPort port, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> mad) => Enqueue(reply.DestinationLid, sourceQpn, mad);

    // Always through the lane: a request to the host itself is answered inside the call that sends it.
    private void Enqueue(Lid source, Qpn sourceQpn, ReadOnlySpan<byte> mad)
    {
        var arrival = free.TryPop(out var pooled) ? pooled : new();
        (arrival.Source, arrival.SourceQpn) = (source, sourceQpn);
        mad.CopyTo(arrival.Mad);
        queue.Enqueue(arrival);
        if (!delivery.IsPosted) lane.Post(delivery);
    }

    private void Deliver()
    {
        var arrival = queue.Dequeue();
        if (queue.Count > 0) lane.Post(delivery);
        Client?.OnMad(arrival.Source, arrival.SourceQpn, arrival.Mad);
        free.Push(arrival);
    }

    private sealed class Arrival
    {
        public readonly byte[] Mad = new byte[SmpMad.Length];
        public Lid Source;
        public Qpn SourceQpn;
    }

    private sealed class Delivery(AdapterManagementPort owner) : WorkItem
    {
        public override void Run() => owner.Deliver();
    }
}
