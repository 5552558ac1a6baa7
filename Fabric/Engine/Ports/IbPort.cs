using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Checksums;
using Weft.Protocol.Ib;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Engine.Ports;

/// <summary>
/// An InfiniBand port: LIDs, GIDs and P_Keys as subnet management sets them, and the way between transport packets and what is on the
/// link: LRH, GRH where the path asks for one, ICRC and VCRC. QP0 goes past the device, in virtual lane 15. IBA Vol 1 §7, §8, §9.6.
/// Allocates nothing per packet.
/// </summary>
public sealed partial class IbPort : IPacketPort, ILinkReceiver
{
    private const int TransportOffset = Frame.TransportOffset;
    /// <summary>The lane of subnet management: no credits, no data.</summary>
    public const byte ManagementLane = 15;

    private readonly ILink link;
    private readonly Loopback loopback;
    private IPacketSink? sink;
    private bool isLinkUp;

    /// <param name="executor">The node's executor; everything here runs on it.</param>
    /// <param name="link">An InfiniBand link that nobody else receives from.</param>
    public IbPort(IExecutor executor, ILink link, IbPortOptions options)
    {
        if (link.Type != LinkType.InfiniBand) throw new ArgumentException($"{link.Name} is no InfiniBand link", nameof(link));
        if (options.PortGuid.Value == 0) throw new ArgumentException("a port needs a GUID", nameof(options));
        (this.link, Number, PortGuid) = (link, options.Number, options.PortGuid);
        loopback = new(executor.CreateLane($"{link.Name} loopback", ChoiceKind.Delivery), OnFrame);
        Take(options.Settings);
    }

    public IbPortCounters Counters { get; } = new();
    public Guid64 PortGuid { get; }
    public string Name => link.Name;
    public byte Number { get; }
    public LinkType LinkType => LinkType.InfiniBand;
    public PortState State => isLinkUp ? settings.State : PortState.Down;
    public bool IsActive => isLinkUp && settings.State == PortState.Active;
    /// <summary>Whether the cable carries signals, whatever the logical state: enough for subnet management.</summary>
    public bool IsLinkUp => isLinkUp;

    /// <summary>Takes the port's subnet management packets; none: they are dropped.</summary>
    public ISmpReceiver? Smi { get; set; }
    /// <summary>Told of each packet with a P_Key that its QP does not have.</summary>
    public Action<KeyViolation>? KeyViolated { get; set; }
    /// <summary>Told when the cable is plugged or pulled.</summary>
    public Action<bool>? LinkChanged { get; set; }

    void IPacketPort.Attach(IPacketSink sink)
    {
        if (this.sink is not null) throw new InvalidOperationException($"port {link.Name} has a device already");
        this.sink = sink;
        link.Attach(this);
        isLinkUp = link.IsUp;
    }

    public Frame Rent() => link.Frames.Rent();

    bool IPacketPort.HasRoom => link.HasRoom;

    /// <summary>Flows are told apart by LIDs and service level here, not by a port number.</summary>
    ushort IPacketPort.FlowOf(in AddressVector path, Qpn local, Qpn remote) => 0;

    /// <summary>A GID needs no next hop; the path to it is the SA's business.</summary>
    void IPacketPort.Resolve(Gid source, Gid destination, INeighborWaiter waiter) => waiter.OnNeighbor(destination, reachable: true);

    /// <summary>Index of a P_Key in the port's table, of either membership, or -1.</summary>
    public int IndexOf(PKey pkey) => PortKeys.IndexOf(this, pkey);

    void IPacketPort.Send(Frame frame, in AddressVector path, ushort flow)
    {
        var lane = lanes[path.ServiceLevel & 15];
        if (!IsActive) Drop(frame, ref Counters.DroppedPortDown);
        else if (lane == ManagementLane) Drop(frame, ref Counters.DroppedNoLane);
        else if (path.DestinationLid.Value == 0 || settings.Lid.Value == 0) Drop(frame, ref Counters.DroppedAddress);
        else if ((ReadUInt16BigEndian(frame.Buffer.AsSpan(TransportOffset + 2)) & 0x7FFF) == 0) Drop(frame, ref Counters.DroppedNoPKey);
        else
        {
            var source = new Lid((ushort)(settings.Lid.Value + (path.SourcePathBits & lidMask)));
            var envelope = path.IsGlobal
                ? new IbEnvelope(lane, path.ServiceLevel, source, path.DestinationLid, true, path.SourceGid, path.DestinationGid, path.TrafficClass, path.FlowLabel, path.HopLimit)
                : new IbEnvelope(lane, path.ServiceLevel, source, path.DestinationLid);
            Wrap(frame, envelope);
            Route(frame, path.DestinationLid);
        }
    }

    private static void Wrap(Frame frame, in IbEnvelope envelope)
    {
        frame.Start = envelope.Wrap(frame.Buffer, TransportOffset, frame.End);
        frame.End += Icrc.Length + Vcrc.Length;
    }

    private static void Drop(Frame frame, ref long counter)
    {
        counter++;
        frame.Release();
    }

    private void Route(Frame frame, Lid destination)
    {
        if (IsOwn(destination)) SendToSelf(frame);
        else if (destination.IsMulticast)
        {
            // QPs of this very port may be members too. IBA Vol 1 §10.5.2.
            var own = link.Frames.Copy(frame);
            SendToLink(frame);
            SendToSelf(own);
        }
        else SendToLink(frame);
    }

    private void SendToLink(Frame frame)
    {
        Counters.Sent++;
        link.Send(frame);
    }

    private void SendToSelf(Frame frame)
    {
        Counters.Looped++;
        loopback.Send(frame);
    }

    /// <summary>Sends a subnet management packet from QP0 to QP0, as soon as the cable is plugged. Lost like any datagram. IBA Vol 1 §13.5.3.1.</summary>
    /// <param name="source">Of this port, or permissive.</param>
    /// <param name="destination">Permissive for a directed route: the node at the other end of the cable.</param>
    /// <param name="mad">256 bytes.</param>
    public void SendSmp(Lid source, Lid destination, ReadOnlySpan<byte> mad)
    {
        var frame = Rent();
        SmpPacket.Write(frame, source, destination, settings.SmServiceLevel, mad);
        if (!isLinkUp) Drop(frame, ref Counters.DroppedPortDown);
        else if (IsOwn(destination)) SendToSelf(frame);
        else SendToLink(frame);
    }

    public void OnLinkState(bool isUp)
    {
        if (isUp == isLinkUp) return;
        var was = IsActive;
        isLinkUp = isUp;
        LinkChanged?.Invoke(isUp);
        if (was != IsActive) sink?.OnPortState(this, IsActive);
    }

    public void OnFrame(Frame frame)
    {
        var span = frame.Span;
        if (!IbFrame.IsVcrcCorrect(span)) Counters.DroppedVcrc++;
        else if (IbFrame.TryParse(span, out var parts) != LinkFault.None) Counters.DroppedMalformed++;
        else if (IbFrame.LaneOf(span) == ManagementLane) OnManagement(span, parts);
        else if (settings.State < PortState.Armed) Counters.DroppedPortDown++;
        else if (span.Length > ActiveMtu.Bytes() + IbFrame.MaxOverhead) Counters.DroppedOversize++;
        else OnData(ref frame, parts);
        frame.Release();
    }

    private void OnManagement(ReadOnlySpan<byte> frame, IbFrame parts)
    {
        Lrh.TryRead(frame, out var lrh);
        if (!SmpPacket.TryRead(frame, parts, out var mad)) Counters.DroppedMalformed++;
        else if (!parts.IsIcrcCorrect(frame)) Counters.DroppedIcrc++;
        else if (lrh.Destination != Lid.Permissive && !IsOwn(lrh.Destination)) Counters.DroppedAddress++;
        else
        {
            Counters.Received++;
            Smi?.OnSmp(this, lrh.Source, lrh.Destination, mad);
        }
    }

    private void OnData(ref Frame frame, IbFrame parts)
    {
        var span = frame.Span;
        Lrh.TryRead(span, out var lrh);
        Grh grh = default;
        if (parts.IsGlobal) Grh.TryRead(span[Lrh.Length..], out grh);
        if (!IsOwn(lrh.Destination) && !(lrh.Destination.IsMulticast && grh.Destination.IsMulticast)) Counters.DroppedAddress++;
        else if (parts.IsGlobal && !grh.Destination.IsMulticast && IndexOf(grh.Destination) < 0) Counters.DroppedAddress++;
        else if (!parts.IsIcrcCorrect(span)) Counters.DroppedIcrc++;
        else if (IsForManagement(parts.Transport(span))) Counters.DroppedMalformed++;
        else
        {
            Counters.Received++;
            frame = Align(frame, parts);
            sink?.OnPacket(this, frame, new(
                grh.Source, grh.Destination, grh.TrafficClass, grh.HopLimit, grh.FlowLabel, TransportOffset - Grh.Length, lrh.Source, lrh.ServiceLevel,
                lrh.Destination, parts.IsGlobal));
        }
    }

    private static bool IsForManagement(ReadOnlySpan<byte> transport) => new Qpn(ReadUInt32BigEndian(transport[4..])) == Qpn.Smi;

    /// <summary>
    /// The packet with its BTH at the offset where everybody expects it, and without its VCRC. Frames of our own engine lie right; others
    /// are copied. One that somebody else reads too keeps its end: its VCRC stays, behind a copy.
    /// </summary>
    private Frame Align(Frame frame, IbFrame parts)
    {
        if (frame.Start + parts.TransportOffset == TransportOffset && frame.References == 1)
        {
            frame.End -= Vcrc.Length;
            return frame;
        }
        var copy = link.Frames.Rent();
        frame.Span[..parts.End].CopyTo(copy.Buffer.AsSpan(TransportOffset - parts.TransportOffset));
        (copy.Start, copy.End) = (TransportOffset - parts.TransportOffset, TransportOffset - parts.TransportOffset + parts.End);
        frame.Release();
        return copy;
    }

    void IPacketPort.ReportBadPKey(in TransportPacket packet, in PacketSource source)
    {
        Counters.PKeyViolations++;
        KeyViolated?.Invoke(new(
            packet.PKey, source.ServiceLevel, source.SourceLid, source.DestinationLid, packet.Info.HasDeth ? packet.Deth.SourceQp : default, packet.DestQp,
            source.SourceGid, source.DestinationGid));
    }
}
