using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>
/// Datagrams in. The buffer begins with a 40-byte area for the GRH; over IPv4 the header lies in its last 20 bytes.
/// IBA Vol 1 §9.8.3.2, §11.4.2.1, annex A17.4.5.2.
/// </summary>
internal static class UdReceiver
{
    public const int GrhArea = 40;

    public static void Receive(QueuePair qp, Frame frame, in TransportPacket packet, in PacketSource source)
    {
        var deth = packet.Deth;
        if (deth.QKey != qp.Attributes.QKey)
        {
            qp.Hca.Counters.DroppedByQKey++;
            return;
        }
        if (!qp.Buffer.IsTaken && !qp.TryTakeReceive())
        {
            qp.Hca.Counters.DroppedByNoReceive++;
            return;
        }
        qp.Buffer.Rewind();
        var payload = packet.Payload;
        var status = qp.Buffer.HasRoomFor(GrhArea + payload.Length) ? CompletionStatus.Success : CompletionStatus.LocalLengthError;
        if (status == CompletionStatus.Success)
        {
            Span<byte> header = stackalloc byte[GrhArea];
            WriteGrhArea(frame, source, header);
            if (!qp.Store(header) || !qp.Store(payload))
                status = CompletionStatus.LocalProtectionError;
        }
        if (status != CompletionStatus.Success)
        {
            // Dropped, and the buffer used for the next one; but one of an SRQ completes with the error (class E).
            if (qp.SharedReceives is not null) qp.FailReceive(status);
            qp.Hca.Counters.DroppedByNoReceive++;
            return;
        }
        var immediate = packet.Info.HasImmediate;
        qp.CompleteReceive(CompletionOpcode.Receive, (uint)(GrhArea + payload.Length),
            (source.IsGlobal ? CompletionFlags.Grh : 0) | (immediate ? CompletionFlags.WithImmediate : 0), immediate ? packet.Immediate.Value : 0, packet.Solicited,
            deth.SourceQp, PathBack(qp.Port, source));
    }

    /// <summary>The network header of the received packet in the form that a consumer expects; zeros where there was none.</summary>
    public static void WriteGrhArea(Frame frame, in PacketSource source, Span<byte> area)
    {
        if (!source.IsGlobal)
        {
            area.Clear();
            return;
        }
        var header = frame.Buffer.AsSpan(source.NetworkHeaderOffset);
        if (header[0] >> 4 == 4)
        {
            area[..20].Clear();
            header[..20].CopyTo(area[20..]);
        }
        else header[..GrhArea].CopyTo(area);
    }

    /// <summary>The way to a packet's sender. A packet to a group is answered from the port's own first address.</summary>
    public static AddressVector PathBack(IPacketPort port, in PacketSource source)
    {
        var index = port.IndexOf(source.DestinationGid);
        var local = index >= 0 ? source.DestinationGid : port.GidAt(0);
        return new(local, source.SourceGid, port.Number, Math.Max(index, 0), source.FlowLabel, HopLimit: 64, source.TrafficClass,
            source.SourceLid, port.PathBitsOf(source.DestinationLid), source.ServiceLevel, source.IsGlobal);
    }
}
