using Weft.Protocol.Ib;
using Weft.Protocol.Transport;

namespace Weft.Protocol.Analysis;

public sealed partial class ConversationTracker
{
    private void TakeResponse(in WirePacket packet, Channel channel)
    {
        if (channel.Reverse is null) Pair(packet, channel);
        if (channel.Reverse is not { Requests: { IsStarted: true } stream }) return;
        var transport = packet.Transport;
        var info = transport.Info;
        var psn = transport.Psn;
        if (info.IsAcknowledge && transport.Aeth.Kind != AethKind.Ack)
        {
            TakeNegative(packet, channel, stream);
            return;
        }
        if (!Acknowledge(packet, channel, stream, psn.Next)) return;
        if (!stream.Remembers(psn)) return;
        if (info.IsReadResponse) TakeReadResponse(packet, channel, stream);
        else if (info.IsAtomicAcknowledge) TakeAtomicResponse(packet, channel, stream);
        if (info.HasAeth) CheckMsn(packet, channel, stream, psn, info.IsReadResponse);
    }

    /// <summary>Everything before <paramref name="end"/> is acknowledged. IBA §9.7.5.1.2.</summary>
    /// <returns>Whether what is acknowledged was seen.</returns>
    private bool Acknowledge(in WirePacket packet, Channel channel, RequestStream stream, Psn end)
    {
        if (end - stream.Next > 0)
        {
            if (seesEverything)
            {
                Violated(packet, channel, "ack-unsent", "IBA 9.7.5.1.2", $"PSN {end - 1} is acknowledged, the highest sent is {stream.Next - 1}");
                return false;
            }
            // What the other side sends next tells whether it was missed here or had not been sent.
            (stream.Early, stream.EarlyFrame) = (end, packet.Number);
            listener.OnSkipped(packet, stream.Channel);
            return false;
        }
        if (end - stream.Delivered > 0)
        {
            var detail = $"PSN {end - 1} is acknowledged, but {stream.Delivered} was not seen here";
            if (seesEverything) Violated(packet, channel, "ack-unseen", "IBA 9.7.5.1.2", detail);
            else Noted(packet, channel, "ack-unseen", "IBA 9.7.5.1.2", detail);
            var openRead = stream.Remembers(end) && stream[end].Is(PsnRecord.InRead) && !stream[end].Is(PsnRecord.ReadStart);
            while (openRead && stream.Remembers(end) && stream[end].Is(PsnRecord.InRead) && !stream[end].Is(PsnRecord.ReadStart)) end = end.Next;
            stream.Close();
            stream.IsPartial = true;
            stream.Delivered = end;
            stream.MsnOffset = null;
            listener.OnSkipped(packet, stream.Channel);
        }
        if (end - stream.Acknowledged > 0) stream.Acknowledged = end;
        return true;
    }

    private void TakeNegative(in WirePacket packet, Channel channel, RequestStream stream)
    {
        var aeth = packet.Transport.Aeth;
        var psn = packet.Transport.Psn;
        if (aeth.Kind == AethKind.Reserved)
            Violated(packet, channel, "aeth-reserved", "IBA 9.7.5.1.2", $"reserved syndrome 0x{aeth.Syndrome:x2}");
        if (!Acknowledge(packet, channel, stream, psn)) return;
        if (aeth.Kind == AethKind.RnrNak)
        {
            stream.HasRnr = true;
            stream.RnrPsn = psn;
            stream.RnrUntil = packet.Time + RnrTimer.Of(aeth.Code);
        }
        else
        {
            stream.HasRnr = false; // a sequence NAK asks for the packet at once
        }
        if (stream.Remembers(psn - 1)) CheckMsn(packet, channel, stream, psn - 1, inRead: false);
    }

    /// <summary>The MSN counts the messages completed, and no response is ahead of the requests. IBA §9.7.7.1.</summary>
    private void CheckMsn(in WirePacket packet, Channel channel, RequestStream stream, Psn psn, bool inRead)
    {
        var record = stream[psn];
        if (!record.Is(PsnRecord.Counted)) return;
        var msn = packet.Transport.Aeth.Msn;
        if (stream.MsnOffset is not { } offset)
        {
            stream.MsnOffset = msn - record.Messages & Psn.Mask;
            return;
        }
        // A READ counts when its execution starts or when it is done; a repeated answer carries the count of today.
        var least = record.Messages - (inRead ? 1u : 0u) + offset;
        var room = stream.Messages + offset - least & Psn.Mask;
        if ((msn - least & Psn.Mask) <= room) return;
        Violated(packet, channel, "msn", "IBA 9.7.7.1",
            $"MSN {msn} with PSN {psn}: {least & Psn.Mask}{(room == 0 ? "" : $"..{stream.Messages + offset & Psn.Mask}")} messages were completed");
        stream.MsnOffset = null;
    }

    private void TakeReadResponse(in WirePacket packet, Channel channel, RequestStream stream)
    {
        var transport = packet.Transport;
        var info = transport.Info;
        ref var record = ref stream[transport.Psn];
        if (!record.Is(PsnRecord.Seen)) return; // the request was not seen
        if (!record.Is(PsnRecord.InRead))
        {
            Violated(packet, channel, "read-response", "IBA 9.7.5.1.3", $"a READ response for PSN {transport.Psn}, which is a {OpcodeInfo.NameOf(record.Opcode)}");
            return;
        }
        var isEnd = record.Is(PsnRecord.ReadEnd);
        if (info.EndsMessage != isEnd || (info.StartsMessage && !record.Is(PsnRecord.ReadStart)))
            Violated(packet, channel, "read-response", "IBA 9.7.5.1.3",
                $"{OpcodeInfo.NameOf(transport.Opcode)} where the request has its {(isEnd ? "end" : record.Is(PsnRecord.ReadStart) ? "start" : "middle")}");
        else if (transport.PayloadLength != record.Length)
            Violated(packet, channel, "read-response", "IBA 9.7.5.1.3", $"{transport.PayloadLength} bytes, the READ wants {record.Length} in this packet");
        if (!isEnd || record.Is(PsnRecord.Answered)) return;
        record.Flags |= PsnRecord.Answered;
        stream.OutstandingReads--;
    }

    private void TakeAtomicResponse(in WirePacket packet, Channel channel, RequestStream stream)
    {
        ref var record = ref stream[packet.Transport.Psn];
        if (!record.Is(PsnRecord.Seen)) return;
        if (!OpcodeInfo.Of(record.Opcode).IsAtomic)
            Violated(packet, channel, "atomic-response", "IBA 9.7.5.1.3", $"an atomic response for PSN {packet.Transport.Psn}, which is a {OpcodeInfo.NameOf(record.Opcode)}");
        if (record.Is(PsnRecord.Answered)) return;
        record.Flags |= PsnRecord.Answered;
        stream.OutstandingReads--;
    }
}
