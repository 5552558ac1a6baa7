using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Engine.Ports;

/// <summary>
/// A port as the transport engine sees it: it puts link and network headers and the ICRC around transport packets, and back.
/// One implementation for RoCE, one for InfiniBand.
/// </summary>
internal interface IPacketPort
{
    byte Number { get; }
    LinkType LinkType { get; }
    PathMtu ActiveMtu { get; }
    bool IsActive { get; }
    PortState State => IsActive ? PortState.Active : PortState.Down;
    PathMtu MaxMtu => PathMtu.Mtu4096;
    int GidTableLength { get; }
    int PKeyTableLength => 1;
    Lid Lid => Lid.None;
    Lid SmLid => Lid.None;

    /// <summary>By how much a LID of this port is above its base LID: 0 on RoCE, and for groups.</summary>
    byte PathBitsOf(Lid own) => 0;

    /// <summary>Connects the device that gets this port's packets. Once, before the first frame.</summary>
    void Attach(IPacketSink sink);

    /// <summary>
    /// False while so much waits for the wire that producers of long answers should hold back. Asked before READ responses; requests
    /// are bounded by their window.
    /// </summary>
    bool HasRoom => true;

    /// <summary>A frame whose transport part the caller fills from <see cref="Frame.TransportOffset"/> on, setting <see cref="Frame.End"/> before the ICRC.</summary>
    Frame Rent();

    /// <summary>
    /// Adds headers and ICRC and sends; takes over the frame. A packet whose next hop is not resolved yet waits in a bounded queue.
    /// Never delivers to the sink from inside this call, not even to the port itself: a device that talks to itself gets its
    /// packets through the executor like any other.
    /// </summary>
    /// <param name="frame">End stands behind payload and pad.</param>
    /// <param name="path">Where to.</param>
    /// <param name="flow">Per-QP value that keeps one flow on one path: the UDP source port, as given by <see cref="FlowOf"/>.</param>
    void Send(Frame frame, in AddressVector path, ushort flow);

    /// <summary>UDP source port for a flow label (non-zero: 0xC000 | 14 bits folded), or for a QP pair when the label is 0.</summary>
    ushort FlowOf(in AddressVector path, Qpn local, Qpn remote);

    Gid GidAt(int index);
    PKey PKeyAt(int index);
    /// <summary>Index of a GID of this port, or -1.</summary>
    int IndexOf(Gid gid);

    /// <summary>Index of a P_Key of this port: of its own membership if it has both, or -1. IBA Vol 1 §10.9.3.</summary>
    int IndexOf(PKey pkey) => PortKeys.IndexOf(this, pkey);

    /// <summary>
    /// Starts resolving the next hop towards a GID from the port's address <paramref name="source"/>; calls back on the executor
    /// (possibly at once) with success or failure after the port's own retries.
    /// </summary>
    void Resolve(Gid source, Gid destination, INeighborWaiter waiter);

    /// <summary>A packet was dropped because its P_Key is not the one that its QP has. IBA Vol 1 §10.9.4: counted, and a trap on InfiniBand.</summary>
    void ReportBadPKey(in TransportPacket packet, in PacketSource source)
    {
    }
}

/// <summary>Waits for <see cref="IPacketPort.Resolve"/>.</summary>
internal interface INeighborWaiter
{
    void OnNeighbor(Gid destination, bool reachable);
}

/// <summary>What a port hands verified packets to: the device, which finds the QP.</summary>
internal interface IPacketSink
{
    /// <summary>
    /// A packet with a correct ICRC. <see cref="Frame.Transport"/> spans BTH .. ICRC. The sink must not keep the frame; the port releases it.
    /// </summary>
    /// <param name="source">Built from the received network header as an answer would need it (source and destination swapped).</param>
    void OnPacket(IPacketPort port, Frame frame, in PacketSource source);

    void OnPortState(IPacketPort port, bool isActive);

    /// <summary>Subnet management changed something that the port's users may have to know. IBA Vol 1 §11.6.3.3.</summary>
    void OnPortEvent(IPacketPort port, AsyncEventType type)
    {
    }
}

/// <summary>Network facts of a received packet.</summary>
/// <param name="SourceGid">The sender; none without a GRH.</param>
/// <param name="DestinationGid">The address it was sent to: one of the port's, or a multicast group; none without a GRH.</param>
/// <param name="NetworkHeaderOffset">Where the IP header (or GRH) starts in the frame, for the 40-byte area of UD receives.</param>
/// <param name="IsGlobal">Whether there is a network header: always on RoCE, on InfiniBand when the packet has a GRH.</param>
internal readonly record struct PacketSource(
    Gid SourceGid, Gid DestinationGid, byte TrafficClass, byte HopLimit, uint FlowLabel, int NetworkHeaderOffset, Lid SourceLid = default, byte ServiceLevel = 0,
    Lid DestinationLid = default, bool IsGlobal = true)
{
    /// <summary>Whether the packet came from the other end of a connected QP's path. IBA Vol 1 §9.6.1.5.</summary>
    public bool IsFrom(in AddressVector path) =>
        IsGlobal == path.IsGlobal
        && (IsGlobal ? SourceGid == path.DestinationGid && DestinationGid == path.SourceGid : SourceLid == path.DestinationLid);
}
