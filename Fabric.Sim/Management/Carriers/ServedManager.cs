using System.Buffers.Binary;
using System.Text;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Umad;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Sim.Management.Carriers;

/// <summary>
/// A subnet manager of ours at the management port, as a client like any other, but in the same process: its datagrams go to the server,
/// and what the server sends to its slot comes here instead of to a socket. Wrap the sockets in it, make the server on it, then attach.
/// </summary>
public sealed class ServedManager(IUmadTransport sockets) : IUmadTransport, IManagementPort
{
    private const uint ConnectId = 0xFFFF_FFFF;
    private const uint ControlMagic = 0xDEADBEEF;
    private readonly SteppedExecutor executor = new("manager");
    private readonly Queue<byte[]> outgoing = [], incoming = [];
    private readonly Stack<byte[]> buffers = [];
    private ControlHandler? control;
    private DataHandler? data;
    private int slot = -1;

    /// <summary>Null before <see cref="Attach"/>.</summary>
    public SubnetManager? Manager { get; private set; }
    public IManagementClient? Client { get; set; }
    /// <summary>The library in front of the clients cuts everything behind the first packet.</summary>
    public bool CarriesTransfers => false;

    /// <summary>When to call <see cref="Run"/> at the latest; a moment that has passed while there is work.</summary>
    public Instant Deadline => outgoing.Count + incoming.Count > 0 ? Instant.Zero : executor.Deadline;

    /// <summary>Takes a control datagram to the server, as one that came by a socket.</summary>
    public delegate bool ControlHandler(Span<byte> datagram);

    /// <summary>Takes a data datagram of a slot to the server.</summary>
    public delegate void DataHandler(int slot, Span<byte> datagram);

    /// <summary>Puts the manager on a port and starts it.</summary>
    /// <param name="toControl">The server that has this as its transport, and whoever records what comes in.</param>
    /// <param name="toData">The same, for data.</param>
    /// <param name="port">An end port; null: where clients attach that name none.</param>
    /// <returns>False when the server refuses it: no slot is free, or another manager is on that port.</returns>
    public bool Attach(ControlHandler toControl, DataHandler toData, SubnetPort? port, ManagerOptions options, Instant now)
    {
        (control, data) = (toControl, toData);
        executor.Advance(now);
        var datagram = NewControl(UmadControlType.Connect, out var connect);
        BinaryPrimitives.WriteUInt32LittleEndian(connect.Data, ConnectId);
        if (port is not null) Encoding.UTF8.GetBytes(port.Number <= 1 ? port.Node.Id : $"{port.Node.Id}[{port.Number}]", connect.Data[12..]);
        if (!control(datagram) || connect.Type == UmadControlType.Error) return false;
        Manager = new(executor, this, options);
        Manager.Start();
        return true;
    }

    private static byte[] NewControl(UmadControlType type, out UmadControl control)
    {
        var datagram = new byte[UmadControl.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(datagram, ControlMagic);
        UmadControl.TryOpen(datagram, out control);
        control.Type = type;
        return datagram;
    }

    /// <summary>Lets the manager work.</summary>
    /// <param name="now">Time of the server.</param>
    /// <param name="budget">Datagrams to handle at most, so that other clients have their turn.</param>
    public void Run(Instant now, int budget)
    {
        executor.Advance(now);
        for (; budget > 0; budget--)
        {
            if (incoming.TryDequeue(out var datagram)) Receive(datagram);
            else if (outgoing.TryDequeue(out datagram)) data!(slot, datagram);
            else break;
            buffers.Push(datagram);
        }
        executor.Advance(now);
    }

    // What comes back as timed out is left to the manager's own timer, which asks again.
    private void Receive(byte[] datagram)
    {
        var d = new UmadDatagram(datagram);
        if (d.Status == 0) Client?.OnMad(d.Source, new(d.SourceQp), d.Mad);
    }

    void IManagementPort.Send(Lid destination, Qpn queue, ReadOnlySpan<byte> mad)
    {
        var datagram = Rent();
        datagram.AsSpan().Clear();
        var d = new UmadDatagram(datagram) { Destination = destination, Source = destination == Lid.Permissive ? destination : Lid.None };
        (d.DestinationQp, d.SourceQp, d.MadBytes) = (queue.Value, queue == Qpn.Smi ? 0u : 1u, BytesOf(mad));
        mad.CopyTo(d.Mad);
        outgoing.Enqueue(datagram);
    }

    // Clients count records by the length that they are told. IBA Vol 1 §13.6.2: PayloadLength counts the SA header too.
    private static ulong BytesOf(ReadOnlySpan<byte> mad) =>
        (MadClass)mad[1] == MadClass.SubnetAdministration && RmppHeader.TryRead(mad, out var rmpp) && rmpp is { IsActive: true, IsLast: true, Type: RmppType.Data }
            ? SaHeader.DataOffset - SaHeader.Length + rmpp.LengthOrWindow : UmadDatagram.MadLength;

    void IManagementPort.SetIsManager(bool isManager)
    {
        var datagram = NewControl(UmadControlType.SetIsSm, out var set);
        set.Client = (uint)slot;
        set.Data[0] = (byte)(isManager ? 1 : 0);
        control!(datagram);
    }

    bool IUmadTransport.Connect(int client, uint id)
    {
        if (id != ConnectId || slot >= 0) return sockets.Connect(client, id);
        slot = client;
        return true;
    }

    void IUmadTransport.Release(int client)
    {
        if (client == slot) slot = -1;
        else sockets.Release(client);
    }

    void IUmadTransport.Send(int client, ReadOnlySpan<byte> datagram)
    {
        if (client != slot)
        {
            sockets.Send(client, datagram);
            return;
        }
        var copy = Rent();
        datagram.CopyTo(copy);
        incoming.Enqueue(copy);
    }

    private byte[] Rent() => buffers.TryPop(out var buffer) ? buffer : new byte[UmadDatagram.Length];
}
