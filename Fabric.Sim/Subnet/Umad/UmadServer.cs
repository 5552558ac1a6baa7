using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>
/// The management port of a subnet, without sockets and clock: datagrams of libumad2sim go in, and what the fabric makes of them comes out
/// by <see cref="IUmadTransport"/>. So unmodified programs of libibumad (OpenSM, infiniband-diags) run against the model. The library has
/// no timers: a request that is lost or that nobody answers goes back to its sender as timed out, at once.
/// </summary>
public sealed class UmadServer : ISubnetObserver
{
    /// <summary>Clients at the same time, as many as ibsim has.</summary>
    public const int MaxClients = 10;
    private const int ClientShift = 48;

    private readonly IbSubnet subnet;
    private readonly IUmadTransport transport;
    private readonly UmadClient?[] clients = new UmadClient?[MaxClients];
    private readonly byte[] request = new byte[UmadDatagram.Length], outgoing = new byte[UmadDatagram.Length];
    private readonly TrapQueue traps = new();

    public UmadServer(IbSubnet subnet, IUmadTransport transport)
    {
        (this.subnet, this.transport) = (subnet, transport);
        subnet.Observer = this;
    }

    /// <summary>Clients by slot; null where a slot is free.</summary>
    public ReadOnlySpan<UmadClient?> Clients => clients;
    /// <summary>Requests of all clients so far, those that have ended too.</summary>
    public long Requests { get; private set; }
    /// <summary>Where a client attaches that names no node; the first node's first port when not set.</summary>
    public SubnetPort? DefaultPort { get; init; }
    public IMadTap? Tap { get; init; }
    /// <summary>Who else is told of port states.</summary>
    public ISubnetObserver? Next { get; init; }

    /// <summary>Answers a control datagram in place. False: it gets no answer.</summary>
    public bool HandleControl(Span<byte> datagram, Instant now)
    {
        if (!UmadControl.TryOpen(datagram, out var control)) return false;
        if (control.Type == UmadControlType.Connect) return Connect(control, now);
        if (control.Client >= MaxClients || clients[control.Client] is not { } client) return Refuse(control);
        var port = client.Port;
        switch (control.Type)
        {
            case UmadControlType.Disconnect:
                Release(client.Slot, now);
                break;
            case UmadControlType.GetPort:
                WriteUInt16LittleEndian(control.Data, port.Lid.Value);
                control.Data[2] = (byte)port.State;
                break;
            case UmadControlType.GetVendor:
                UmadAnswers.Vendor(port.Node, control.Data);
                break;
            case UmadControlType.GetGid:
                new Gid(port.EndPort.Info.GidPrefix, port.Guid.Value).Write(control.Data);
                break;
            case UmadControlType.GetGuid:
                WriteUInt64LittleEndian(control.Data, port.Guid.Value);
                break;
            case UmadControlType.GetNodeInfo:
                UmadAnswers.NodeInfo(port, control.Data);
                break;
            case UmadControlType.GetPortInfo:
                if (!UmadAnswers.TryPortInfo(port, control.Data)) return Refuse(control);
                break;
            case UmadControlType.SetIsSm:
                SetIsSm(client, control.WantsSm);
                break;
            case UmadControlType.GetPKeys:
                port.PKeys.ReadBlock(0, control.Data);
                break;
            default:
                return Refuse(control);
        }
        SendNotices(now);
        return true;
    }

    private static bool Refuse(UmadControl control)
    {
        control.Type = UmadControlType.Error;
        return true;
    }

    private bool Connect(UmadControl control, Instant now)
    {
        var name = control.NodeName;
        var port = name.Length > 0 ? FindPort(subnet, name) : DefaultPort ?? (subnet.Nodes.Count == 0 ? null : FirstPort(subnet.Nodes[0]));
        var slot = Array.IndexOf(clients, null);
        if (port is null || slot < 0 || control.IsSm && Manager(port) is not null || !transport.Connect(slot, control.ConnectId)) return Refuse(control);
        var client = new UmadClient(slot, control.ConnectId, port);
        clients[slot] = client;
        if (control.IsSm) SetIsSm(client, true);
        control.Client = (uint)slot;
        control.SetConnected((uint)slot, port.Node.Id);
        SendNotices(now);
        return true;
    }

    /// <summary>First port of a node, by its id or description, or the port that is named in brackets behind it; null when there is none.</summary>
    public static SubnetPort? FindPort(IbSubnet subnet, string name) => subnet.FindByName(name) is { } node ? FirstPort(node) : PortName.Find(subnet, name);

    private static SubnetPort FirstPort(SubnetNode node) => node[node.IsSwitch ? 0 : 1];

    /// <summary>Ends a client, because it said so or because its socket is gone; nothing when the slot is free.</summary>
    public void Release(int slot, Instant now)
    {
        if (clients[slot] is not { } client) return;
        if (client.IsSm) SetIsSm(client, false);
        clients[slot] = null;
        transport.Release(slot);
        SendNotices(now);
    }

    private void SetIsSm(UmadClient client, bool isSm)
    {
        client.IsSm = isSm;
        var port = client.Port.EndPort;
        var isAny = Manager(client.Port) is not null;
        subnet.SetCapabilities(port, isAny ? port.Info.Capabilities | PortCapabilities.IsSm : port.Info.Capabilities & ~PortCapabilities.IsSm);
    }

    private UmadClient? Manager(SubnetPort port) => Array.Find(clients, c => c is { IsSm: true } && c.Port.EndPort == port.EndPort);

    /// <summary>Takes a data datagram of a client; the buffer is used for the answer. Datagrams of another length are ignored, as ibsim does.</summary>
    public void HandleData(int slot, Span<byte> datagram, Instant now)
    {
        if (datagram.Length != UmadDatagram.Length || clients[slot] is not { } client) return;
        var d = new UmadDatagram(datagram);
        if ((d.Mad[3] & 0x80) != 0) Respond(client, d, datagram, now);
        else Request(client, d, datagram, now);
        SendNotices(now);
    }

    private void Request(UmadClient client, UmadDatagram d, Span<byte> datagram, Instant now)
    {
        client.Requests++;
        Requests++;
        datagram.CopyTo(request);
        var source = SourceLid(client, d);
        Tap?.OnMad(client.Port, source, d.Destination, d.Mad, now);
        var end = MadWalk.Carry(client.Port, d.Destination, d.Mad);
        switch (end is null ? AgentAction.Drop : Handle(end, d.Mad, source, now))
        {
            case AgentAction.Answer:
                Answer(client, end!, source, d, datagram, now);
                break;
            case AgentAction.Deliver when (MadMethod)d.Mad[3] == MadMethod.TrapRepress:
                Repress(client, end!, d, source, datagram);
                break;
            case AgentAction.Deliver when Receiver(end!, (MadClass)d.Mad[1]) is { } receiver:
                var id = ReadUInt64BigEndian(d.Mad[8..]) & (1UL << ClientShift) - 1;
                WriteUInt64BigEndian(d.Mad[8..], id | (ulong)client.Slot << ClientShift); // the way back to this client
                (d.Source, d.Status) = (source, 0);
                transport.Send(receiver.Slot, datagram);
                break;
            default:
                TimeOut(client);
                break;
        }
    }

    /// <summary>A trap has been heard. Managers send traps too, and one that waits for this answer does nothing else meanwhile.</summary>
    private void Repress(UmadClient client, SubnetPort end, UmadDatagram d, Lid source, Span<byte> datagram)
    {
        var transaction = ReadUInt64BigEndian(d.Mad[8..]);
        traps.Repress(end, (uint)transaction);
        var slot = (int)(transaction >> ClientShift);
        if ((uint)slot >= MaxClients || clients[slot] is not { } sender || sender == client || sender.Port.EndPort != end.EndPort) return;
        (d.Source, d.Status) = (source, 0);
        transport.Send(slot, datagram);
    }

    /// <summary>The request as it came goes back, as the kernel gives it back when its timer has run out.</summary>
    private void TimeOut(UmadClient client)
    {
        client.TimedOut++;
        var d = new UmadDatagram(request);
        d.Status = UmadDatagram.TimedOut;
        transport.Send(client.Slot, request);
    }

    private static AgentAction Handle(SubnetPort end, Span<byte> mad, Lid source, Instant now) => (MadClass)mad[1] switch
    {
        MadClass.SubnetLidRouted or MadClass.SubnetDirectedRoute => SmaAgent.Handle(end, new(mad), source, now),
        MadClass.Performance => PerformanceAgent.Handle(end, mad),
        _ => AgentAction.Deliver,
    };

    /// <summary>Carries an agent's answer back; when it is lost, the request has timed out.</summary>
    private void Answer(UmadClient client, SubnetPort end, Lid source, UmadDatagram d, Span<byte> datagram, Instant now)
    {
        var (from, to) = (d.Destination == Lid.Permissive ? Lid.Permissive : end.Lid, source);
        Tap?.OnMad(end, from, to, d.Mad, now);
        if (MadWalk.Carry(end, to, d.Mad) is not { } back || back.EndPort != client.Port.EndPort)
        {
            TimeOut(client);
            return;
        }
        (d.Destination, d.Source, d.Status, d.MadBytes) = (to, from, 0, UmadDatagram.MadLength);
        (d.DestinationQp, d.SourceQp) = (d.SourceQp, d.DestinationQp);
        transport.Send(client.Slot, datagram);
    }

    /// <summary>A program's answer to a request that came from another program.</summary>
    private void Respond(UmadClient client, UmadDatagram d, Span<byte> datagram, Instant now)
    {
        var slot = (int)(ReadUInt64BigEndian(d.Mad[8..]) >> ClientShift);
        var source = SourceLid(client, d);
        Tap?.OnMad(client.Port, source, d.Destination, d.Mad, now);
        if ((uint)slot >= MaxClients || clients[slot] is not { } asker) return; // it has ended meanwhile
        if (new SmpMad(d.Mad) is { IsDirected: true } smp) Smi.TurnRound(smp);
        var end = MadWalk.Carry(client.Port, d.Destination, d.Mad);
        (d.Source, d.Status) = (source, 0);
        if (end is null || end.EndPort != asker.Port.EndPort)
        {
            asker.TimedOut++;
            d.Mad[3] &= 0x7F; // its own request, as far as it can tell by the transaction
            d.Status = UmadDatagram.TimedOut;
        }
        transport.Send(slot, datagram);
    }

    private static Lid SourceLid(UmadClient client, UmadDatagram d) =>
        d.Destination == Lid.Permissive ? Lid.Permissive : d.Source.Value is 0 or 0xFFFF ? client.Port.Lid : d.Source;

    /// <summary>
    /// The program at a port that takes requests of a class: a manager those of subnet management, SA, performance and congestion control;
    /// another one those of vendors. A program that gets a class which it has not registered would crash in the library.
    /// </summary>
    private UmadClient? Receiver(SubnetPort port, MadClass c)
    {
        if (c is MadClass.SubnetLidRouted or MadClass.SubnetDirectedRoute or MadClass.SubnetAdministration or MadClass.Performance or MadClass.CongestionControl)
            return Manager(port);
        return (byte)c is >= 0x09 and <= 0x0F or >= 0x30 and <= 0x4F ? Array.Find(clients, o => o is { IsSm: false } && o.Port.EndPort == port.EndPort) : null;
    }

    public void OnPortState(SubnetPort port) => Next?.OnPortState(port);

    public void OnSet(SubnetPort port) => Next?.OnSet(port);

    /// <summary>Notices wait until the request that brought them about is answered, and then until they are repressed.</summary>
    public void OnNotice(SubnetPort endPort, in Notice notice)
    {
        if (endPort.Lid != Lid.None && endPort.Info.MasterSmLid != Lid.None) traps.Add(endPort, notice); // else it knows no manager yet
        Next?.OnNotice(endPort, notice);
    }

    /// <summary>When a trap that nobody has repressed is to be sent again: call <see cref="SendNotices"/> then.</summary>
    public Instant Deadline => traps.Deadline;

    /// <summary>Sends what nodes have to tell as traps to the manager that they know. Call it after the subnet was changed from outside.</summary>
    public void SendNotices(Instant now)
    {
        while (traps.TryTakeDue(now, out var trap))
        {
            var port = trap.Port;
            if (port.Lid == Lid.None || port.Info.MasterSmLid == Lid.None) continue;
            var d = new UmadDatagram(outgoing);
            outgoing.AsSpan().Clear();
            var smp = new SmpMad(d.Mad);
            smp.BeginLidRouted(MadMethod.Trap, SmpAttribute.Notice, 0, trap.Transaction);
            trap.Notice.Write(smp.Data);
            (d.Destination, d.Source, d.MadBytes) = (port.Info.MasterSmLid, port.Lid, UmadDatagram.MadLength);
            Tap?.OnMad(port, d.Source, d.Destination, d.Mad, now);
            if (MadWalk.Carry(port, d.Destination, d.Mad) is { } end && Manager(end) is { } manager) transport.Send(manager.Slot, outgoing);
        }
    }
}
