using Weft.Fabric.Sim.Links;
using Weft.Protocol.Cm;
using Weft.Protocol.Ib;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;
using Weft.Protocol.Mad;
using Weft.Protocol.Roce;

namespace Weft.Scenarios.Runner;


/// <summary>What scenarios look for on the wire: connection messages, PDUs, packets of queue pairs.</summary>
internal static class Wire
{
    /// <summary>A message of the connection manager.</summary>
    public static FrameMatch Cm(CmAttribute attribute) => frame => ReadCm(frame, attribute, out _);

    /// <summary>A REJ with this reason.</summary>
    public static FrameMatch Rejection(CmRejReason reason) =>
        frame => ReadCm(frame, CmAttribute.Rej, out var body) && CmRej.TryRead(body, out var rej) && rej.Reason == reason;

    /// <summary>A PDU in one iSER message; one that is sent again counts again.</summary>
    public static FrameMatch Pdu(IscsiOpcode opcode) => frame => ReadPdu(frame, opcode, out _);

    /// <summary>A PDU in one iSER message; one that is sent again counts once.</summary>
    public static FrameMatch PduOnce(IscsiOpcode opcode)
    {
        var seen = new HashSet<(Qpn, Psn)>();
        return frame => ReadPdu(frame, opcode, out var packet) && seen.Add((packet.DestQp, packet.Psn));
    }

    private static bool ReadPdu(ReadOnlySpan<byte> frame, IscsiOpcode opcode, out TransportPacket packet) =>
        TryRead(frame, out packet) && packet.DestQp.Value > Qpn.Gsi.Value && packet.Info.MayHavePayload
        && packet.PayloadLength >= IserMessage.HeadersLength && IserHeader.TryRead(packet.Payload, out var header) && header.IsControl
        && (IscsiOpcode)(packet.Payload[IserHeader.Length] & 0x3F) == opcode;

    /// <summary>Packets of queue pairs by what they are; those that are sent again count again.</summary>
    public static FrameMatch Packet(Predicate<OpcodeInfo> isMeant) =>
        frame => TryRead(frame, out var packet) && packet.DestQp.Value > Qpn.Gsi.Value && isMeant(packet.Info);

    /// <summary>Any RoCE packet but those that match.</summary>
    public static FrameMatch AllBut(FrameMatch spared) => frame => TryRead(frame, out _) && !spared(frame);

    public static bool TryRead(ReadOnlySpan<byte> frame, out TransportPacket packet)
    {
        packet = default;
        // Neither reads as the other: an Ethernet frame's type is nowhere near the length that an LRH states.
        if (RoceFrame.TryParse(frame, out var roce) == Protocol.Roce.FrameFault.None) return TransportPacket.TryParse(roce.Transport(frame), out packet) == PacketFault.None;
        return IbFrame.TryParse(frame, out var infiniBand) == LinkFault.None && TransportPacket.TryParse(infiniBand.Transport(frame), out packet) == PacketFault.None;
    }

    /// <summary>The message behind the header, if the frame carries one of this kind.</summary>
    public static bool ReadCm(ReadOnlySpan<byte> frame, CmAttribute wanted, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (!TryRead(frame, out var packet) || packet.DestQp != Qpn.Gsi || packet.PayloadLength != CmMad.Length) return false;
        if (!CmMad.TryReadHeader(packet.Payload, out _, out var attribute, out _) || attribute != wanted) return false;
        body = packet.Payload[MadHeader.Length..];
        return true;
    }

    /// <summary>Counts frames that leave a port, and harms none: see <see cref="Fabric.Sim.Links.FrameFault.Matched"/>.</summary>
    public static Fabric.Sim.Links.FrameFault Count(this LinkPort port, string name, FrameMatch match) =>
        port.Plan(new(name, match) { First = int.MaxValue });
}
