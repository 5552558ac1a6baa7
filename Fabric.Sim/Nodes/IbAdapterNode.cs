using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>
/// A host's channel adapter in a simulated subnet: the software HCA, and beside it the agents that subnet management speaks to. What the
/// manager writes into the node model takes effect at the HCA's ports.
/// </summary>
public sealed class IbAdapterNode : ISmpReceiver, IMadAgent
{
    private readonly List<LinkPort> links = [];
    private readonly TrapSender?[] traps;

    internal IbAdapterNode(IbFabric fabric, SimNode node, SubnetNode model)
    {
        (Fabric, Node, Model) = (fabric, node, model);
        traps = new TrapSender?[model.PortCount + 1];
    }

    public IbFabric Fabric { get; }
    public SimNode Node { get; }
    /// <summary>What subnet management knows of it.</summary>
    public SubnetNode Model { get; }
    public string Name => Node.Name;
    /// <summary>The software HCA; another one after each start of the host.</summary>
    public InfiniBandDevice Device { get; private set; } = null!;
    /// <summary>Takes what is not for the agents: answers and requests for a subnet manager that runs on this host.</summary>
    public ISmpReceiver? Manager { get; set; }

    internal void Plug(LinkPort link, byte number)
    {
        if (number != links.Count + 1) throw new ArgumentException($"port {links.Count + 1} of {Name} is cabled next, not {number}", nameof(number));
        link.Management = Model[number];
        links.Add(link);
    }

    /// <summary>Starts the adapter on its cabled ports: also again, after its host was restarted.</summary>
    /// <param name="executor">The node's executor, or one around it.</param>
    /// <param name="paths">Known paths; none: the SA is asked.</param>
    public InfiniBandDevice Start(Execution.IExecutor executor, IPathResolver? paths = null, EngineLimits? limits = null, DeviceAttributes? attributes = null)
    {
        Device = InfiniBandDevice.Create(
            executor,
            new()
            {
                Name = Name, NodeGuid = Model.Guid, Paths = paths, Limits = limits ?? new(), Attributes = attributes,
                Ports = [.. links.Select((_, i) => new IbPortOptions { PortGuid = Model[i + 1].Guid, Settings = SettingsOf(Model[i + 1]) })],
            },
            [.. links]);
        foreach (var port in Device.Ports)
        {
            var model = Model[port.Number];
            traps[port.Number] = new(Node, model, (to, trap) => port.SendSmp(model.Lid, to, trap));
            port.Smi = this;
            port.LinkChanged = isUp => Fabric.CableChanged(model, isUp);
            port.KeyViolated = violation => OnKeyViolated(model, violation);
        }
        foreach (var port in Device.MadPorts) port.Register((byte)MadClass.Performance, this);
        return Device;
    }

    /// <summary>Subnet management may have changed what a port is set to.</summary>
    internal void Refresh(byte number, bool reregister = false)
    {
        if (Device is null || number > links.Count) return;
        Node.World.Touch(Node);
        Device.Ports[number - 1].Configure(SettingsOf(Model[number]), reregister);
        if (links[number - 1].Direction.Lanes is { } lanes) LaneSettings.Apply(lanes, Model[number]);
    }

    private static IbPortSettings SettingsOf(SubnetPort port)
    {
        ref var info = ref port.Info;
        var operational = LaneSettings.Count(info.OperationalVls);
        var keys = port.PKeys.Capacity;
        while (keys > 1 && port.PKeys[keys - 1] == default) keys--;
        var guids = Math.Max(1, (int)info.GuidCap);
        while (guids > 1 && port.GuidAt(guids - 1) == default) guids--;
        return new()
        {
            State = (Verbs.PortState)info.State, Lid = info.Lid, Lmc = info.Lmc, SmLid = info.MasterSmLid, SmServiceLevel = info.MasterSmSl,
            GidPrefix = info.GidPrefix == 0 ? IbPortSettings.DefaultGidPrefix : info.GidPrefix,
            Guids = [.. Enumerable.Range(0, guids).Select(port.GuidAt)],
            PKeys = [.. Enumerable.Range(0, keys).Select(i => port.PKeys[i])],
            Mtu = info.NeighborMtu == 0 ? PathMtu.Mtu4096 : (PathMtu)info.NeighborMtu,
            Lanes = [.. Enumerable.Range(0, 16).Select(sl => port.Vl(0, sl) is var lane && lane < operational ? (byte)lane : IbPort.ManagementLane)],
        };
    }

    void ISmpReceiver.OnSmp(IbPort port, Lid source, Lid destination, ReadOnlySpan<byte> arrived)
    {
        Span<byte> mad = stackalloc byte[SmpMad.Length];
        arrived.CopyTo(mad);
        if (new SmpMad(mad).IsDirected) Handle(port, source, mad);
        else Serve(port, source, mad);
    }

    /// <summary>
    /// Sends a subnet management packet from a port of this host: of a manager that runs here. One to the port itself is answered at once,
    /// to <see cref="Manager"/>.
    /// </summary>
    /// <param name="destination">LID; permissive for a directed route.</param>
    /// <param name="packet">256 bytes; a directed one gets its hop pointer and return path on the way.</param>
    public void Send(byte portNumber, Lid destination, ReadOnlySpan<byte> packet)
    {
        Span<byte> mad = stackalloc byte[SmpMad.Length];
        packet.CopyTo(mad);
        var port = Device.Ports[portNumber - 1];
        if (new SmpMad(mad).IsDirected && destination == Lid.Permissive) Handle(port, port.Lid, mad);
        else port.SendSmp(port.Lid, destination, mad);
    }

    private void Handle(IbPort port, Lid source, Span<byte> mad)
    {
        var smp = new SmpMad(mad);
        switch (Smi.Handle(Model, port.Number, smp, out _))
        {
            case SmiVerdict.Local:
                Serve(port, source, mad);
                break;
            case SmiVerdict.Forward:
                port.SendSmp(Lid.Permissive, Lid.Permissive, mad);
                break;
            case SmiVerdict.RouteByLid:
                port.SendSmp(port.Lid, smp.IsReturning ? smp.DirectedSource : smp.DirectedDestination, mad);
                break;
        }
    }

    private void Serve(IbPort port, Lid source, Span<byte> mad)
    {
        var smp = new SmpMad(mad);
        var reregister = smp.Method == MadMethod.Set && smp.Attribute == SmpAttribute.PortInfo && PortInfo.TryRead(smp.Data, out var asked) && asked.ClientReregister;
        switch (SmaAgent.Handle(Model[port.Number], smp, source, Node.World.EventTime))
        {
            case AgentAction.Answer:
                if (reregister && smp.Status == 0) Refresh(port.Number, reregister);
                if (smp.IsDirected) Handle(port, source, mad);
                else port.SendSmp(port.Lid, source, mad);
                break;
            case AgentAction.Deliver when smp.Method == MadMethod.TrapRepress:
                traps[port.Number]!.OnRepress(smp.TransactionId);
                break;
            case AgentAction.Deliver:
                Manager?.OnSmp(port, source, port.Lid, mad);
                break;
        }
    }

    /// <summary>A performance datagram on QP1.</summary>
    void IMadAgent.OnMad(IMadPort port, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> arrived)
    {
        Span<byte> answer = stackalloc byte[SmpMad.Length];
        arrived.CopyTo(answer);
        if (PerformanceAgent.Handle(Model[port.PortNumber], answer) == AgentAction.Answer) port.Send(reply, sourceQpn, answer);
    }

    private void OnKeyViolated(SubnetPort port, in KeyViolation violation)
    {
        if (port.Info.PKeyViolations < ushort.MaxValue) port.Info.PKeyViolations++;
        Model.Subnet.Observer?.OnNotice(port, KeyNotices.AtPort(port, violation));
    }

    /// <summary>A port has something to tell its manager.</summary>
    internal void Raise(SubnetPort port, in Notice notice) => traps[port.Number]?.Raise(notice);
}
