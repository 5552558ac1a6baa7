using Weft.Fabric.Wire;
using Weft.Protocol.Checksums;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Engine.Ports;

/// <summary>
/// The packet around a subnet management datagram: UD from QP0 to QP0 in virtual lane 15, without GRH, with Q_Key 0. IBA Vol 1 §13.5.1, §14.
/// </summary>
public static class SmpPacket
{
    public const int MadLength = 256;
    private const int Headers = Bth.Length + Deth.Length;

    /// <summary>Fills a fresh frame from LRH to VCRC.</summary>
    public static void Write(Frame frame, Lid source, Lid destination, byte serviceLevel, ReadOnlySpan<byte> mad)
    {
        if (mad.Length != MadLength) throw new ArgumentException($"a MAD has {MadLength} bytes, not {mad.Length}", nameof(mad));
        var transport = frame.Buffer.AsSpan(Frame.TransportOffset);
        var header = TransportBuilder.Datagram(transport, BthOpcode.UdSendOnly, PKey.Default, Qpn.Smi, default, ackRequest: false, solicited: false, new(default, Qpn.Smi));
        mad.CopyTo(transport[header..]);
        frame.End = Frame.TransportOffset + TransportBuilder.Finish(transport, header, MadLength);
        frame.Start = new IbEnvelope(IbPort.ManagementLane, serviceLevel, source, destination).Wrap(frame.Buffer, Frame.TransportOffset, frame.End);
        frame.End += Icrc.Length + Vcrc.Length;
    }

    /// <summary>The datagram in a packet of lane 15; false when it is none from QP0 to QP0.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, IbFrame parts, out ReadOnlySpan<byte> mad)
    {
        mad = default;
        if (parts.IsGlobal || TransportPacket.TryParse(parts.Transport(frame), out var packet) != PacketFault.None) return false;
        if (packet.Opcode != BthOpcode.UdSendOnly || packet.PayloadLength != MadLength || packet.DestQp != Qpn.Smi || packet.Deth.SourceQp != Qpn.Smi) return false;
        mad = packet.Payload;
        return true;
    }
}
