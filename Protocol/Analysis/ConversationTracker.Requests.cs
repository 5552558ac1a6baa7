using Weft.Protocol.Ib;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Analysis;

public sealed partial class ConversationTracker
{
    /// <summary>More PSNs than a READ is followed for; the largest legal one at the smallest MTU would take 2^23.</summary>
    private const int MaxReadSpan = 1 << 15;
    /// <summary>Longest SEND that is joined; none of the known upper layers comes near it.</summary>
    private const int MaxAssembly = 1 << 24;

    private void TakeRequest(in WirePacket packet, Channel channel)
    {
        // Overtaken by the end of its connection: its queue pair is in TIMEWAIT and drops it. IBA 12.9.8.4.
        if (channel.Conversation.Phase == CmPhase.Disconnected) return;
        var transport = packet.Transport;
        var info = transport.Info;
        var stream = channel.Requests;
        var psn = transport.Psn;
        CheckSize(packet, channel);
        var span = 1;
        if (info.IsReadRequest)
        {
            var length = transport.Reth.DmaLength;
            if (length > 0x8000_0000) Violated(packet, channel, "read-length", "IBA 9.4.4", $"a READ of {length:#,0} bytes");
            var mtu = MtuOf(channel.Conversation);
            span = (int)Math.Max(1, (length + (ulong)mtu - 1) / (ulong)mtu);
            if (span > MaxReadSpan)
            {
                stream.Start(psn + (uint)span, isWhole: false);
                return;
            }
        }
        if (!stream.IsStarted)
        {
            stream.Start(psn, isWhole: false);
            stream.IsPartial = !info.StartsMessage;
        }
        var ahead = psn - stream.Next;
        if (ahead >= 0)
        {
            if (ahead > 0) Gap(packet, channel, ahead);
            if (stream.Early is { } early) JudgeEarly(packet, channel, early);
            stream.Extend(psn + (uint)span);
            Record(packet, stream, span);
            if (info.IsReadRequest || info.IsAtomic) CheckDepth(packet, channel);
        }
        else if (!stream.Remembers(psn))
        {
            listener.OnIgnored(packet, channel); // old, again
            return;
        }
        else if (stream[psn].Flags == 0) Record(packet, stream, span);
        else CompareAgain(packet, channel, span);
        if (stream.HasRnr && psn == stream.RnrPsn) CheckRnrWait(packet, channel);
        if (channel.Conversation.IsUnreliable && psn - stream.Delivered > 0) Restart(stream, psn);
        if (psn == stream.Delivered) Deliver(packet, channel, span);
        else listener.OnIgnored(packet, channel);
    }

    private static int MtuOf(Conversation conversation) => conversation.Mtu == 0 ? UsualMtu : conversation.Mtu;

    /// <summary>Longer than an address that is asked for again and again takes to resolve or to fail.</summary>
    private static readonly Duration AddressWait = Duration.FromSeconds(10);

    private void Gap(in WirePacket packet, Channel channel, int missing)
    {
        var detail = $"PSN {packet.Transport.Psn} follows {channel.Requests.Next - 1}: {missing} not seen here";
        var mayHaveDropped = AddressAsked is { } asked && packet.Time - asked < AddressWait;
        if (seesEverything && !mayHaveDropped && packet.Direction == Capture.CaptureDirection.Outbound) Violated(packet, channel, "psn-gap", "IBA 9.7.2", detail);
        else Noted(packet, channel, "psn-gap", "IBA 9.7.2", detail);
    }

    /// <summary>The first new request behind an acknowledgement of more than was seen.</summary>
    private void JudgeEarly(in WirePacket packet, Channel channel, Psn early)
    {
        var stream = channel.Requests;
        var psn = packet.Transport.Psn;
        stream.Early = null;
        if (psn == stream.Next && psn - early < 0)
        {
            Violated(packet, channel, "ack-unsent", "IBA 9.7.5.1.2", $"PSN {psn} is sent only now, but frame {stream.EarlyFrame} has acknowledged up to {early - 1}");
            return;
        }
        Restart(stream, psn - early >= 0 ? early : psn);
        stream.MsnOffset = null;
    }

    private void CheckDepth(in WirePacket packet, Channel channel)
    {
        var outstanding = ++channel.Requests.OutstandingReads;
        var conversation = channel.Conversation;
        var limit = channel.IsForward ? conversation.PassiveResources : conversation.ActiveResources;
        if (conversation.IsComplete && limit >= 0 && outstanding > limit)
            Violated(packet, channel, "read-depth", "IBA 9.7.3.1", $"{outstanding} READs or atomics outstanding, the other side answers {limit} at a time");
    }

    private void CheckRnrWait(in WirePacket packet, Channel channel)
    {
        var stream = channel.Requests;
        stream.HasRnr = false;
        if (packet.Time >= stream.RnrUntil) return;
        var detail = $"PSN {packet.Transport.Psn} again {stream.RnrUntil - packet.Time} before the RNR timer ran out";
        // Where a packet arrives, it may be a copy that the network made.
        if (packet.Direction == Capture.CaptureDirection.Inbound && (IsNetworkDisturbed || !seesEverything)) Noted(packet, channel, "rnr-early", "IBA 9.7.5.2.8", detail);
        else Violated(packet, channel, "rnr-early", "IBA 9.7.5.2.8", detail);
    }

    private static void Record(in WirePacket packet, RequestStream stream, int span)
    {
        var transport = packet.Transport;
        var psn = transport.Psn;
        if (!transport.Info.IsReadRequest)
        {
            ref var one = ref stream[psn];
            one = new PsnRecord
            {
                Flags = PsnRecord.Seen, Opcode = transport.Opcode, Length = (ushort)transport.PayloadLength,
                Fingerprint = Fingerprint(transport.Bytes[Bth.Length..transport.PayloadOffset]), Payload = Fingerprint(transport.Payload),
            };
            return;
        }
        var mtu = (uint)MtuOf(stream.Channel.Conversation);
        var reth = transport.Reth;
        for (uint i = 0; i < span && stream.Remembers(psn + i); i++)
        {
            ref var record = ref stream[psn + i];
            record.Opcode = transport.Opcode;
            record.Flags |= (byte)(PsnRecord.Seen | PsnRecord.InRead | (i == 0 ? PsnRecord.ReadStart : 0) | (i == span - 1 ? PsnRecord.ReadEnd : 0));
            record.Length = (ushort)Math.Min(mtu, reth.DmaLength - i * mtu);
            record.Fingerprint = ReadFingerprint(reth, i * mtu);
        }
    }

    /// <summary>A PSN that was seen before: the same packet again, or a READ for the rest of what an earlier one asked for. IBA §9.7.5.1.1.</summary>
    private void CompareAgain(in WirePacket packet, Channel channel, int span)
    {
        var transport = packet.Transport;
        var stream = channel.Requests;
        ref var record = ref stream[transport.Psn];
        bool same;
        if (transport.Info.IsReadRequest)
        {
            var end = transport.Psn + (uint)(span - 1);
            same = record.Is(PsnRecord.InRead) && record.Fingerprint == ReadFingerprint(transport.Reth, 0)
                && stream.Remembers(end) && stream[end].Is(PsnRecord.InRead | PsnRecord.ReadEnd);
            record.Flags |= PsnRecord.ReadStart;
        }
        else
        {
            same = record.Opcode == transport.Opcode && record.Length == transport.PayloadLength && record.Fingerprint == Fingerprint(transport.Bytes[Bth.Length..transport.PayloadOffset]);
            if (same && record.Payload != Fingerprint(transport.Payload)) ComparePayload(packet, channel);
        }
        if (!same)
            Violated(packet, channel, "retransmission", "IBA 9.7.5.1.1",
                $"PSN {transport.Psn} again, but not the same: {OpcodeInfo.NameOf(transport.Opcode)}, first {OpcodeInfo.NameOf(record.Opcode)}");
    }

    /// <summary>
    /// The same request with other data: its consumer has changed the buffer before the completion. It matters only if the receiver has
    /// not taken the first one. IBA §10.8.3.3. rping does it.
    /// </summary>
    private void ComparePayload(in WirePacket packet, Channel channel)
    {
        var detail = $"PSN {packet.Transport.Psn} again with other data";
        if (packet.Transport.Psn - channel.Requests.Delivered >= 0) Violated(packet, channel, "retransmission-data", "IBA 9.7.5.1.1", detail);
        else Noted(packet, channel, "retransmission-data", "IBA 9.7.5.1.1", detail);
    }

    /// <summary>Over the first bytes: enough to tell two packets of one stream apart.</summary>
    private static uint Fingerprint(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length;
        for (var i = 0; i < 8 && bytes.Length >= 8; i++)
        {
            hash = (hash ^ ReadUInt64LittleEndian(bytes)) * 0x9E37_79B9_7F4A_7C15;
            hash ^= hash >> 29;
            bytes = bytes[8..];
        }
        foreach (var b in bytes[..Math.Min(bytes.Length, 8)]) hash = (hash ^ b) * 0x9E37_79B9_7F4A_7C15;
        return (uint)(hash >> 32);
    }

    private static uint ReadFingerprint(in Reth reth, uint offset)
    {
        var hash = (reth.VirtualAddress + offset ^ (ulong)reth.RKey.Value << 32) * 0x9E37_79B9_7F4A_7C15;
        return (uint)(hash >> 32);
    }

    /// <summary>A receiver without acknowledgements goes on with whatever comes. IBA §9.8.3.1.</summary>
    private static void Restart(RequestStream stream, Psn psn)
    {
        stream.Close();
        stream.IsPartial = true;
        stream.Delivered = psn;
    }

    /// <summary>The receiver takes the packet: it is the one that it waits for.</summary>
    private void Deliver(in WirePacket packet, Channel channel, int span)
    {
        var transport = packet.Transport;
        var info = transport.Info;
        var stream = channel.Requests;
        var psn = transport.Psn;
        stream.Delivered = psn + (uint)span;
        if (info.EndsMessage) stream.Messages++;
        for (uint i = 0; i < span; i++)
        {
            ref var record = ref stream[psn + i];
            record.Messages = stream.Messages;
            record.Flags |= PsnRecord.Counted;
        }
        CheckSequence(packet, channel);
        if (info.IsSend) DeliverSend(packet, channel);
        else if (info.IsWrite) DeliverWrite(packet, channel);
        else if (info.IsReadRequest) listener.OnRdma(packet, channel, transport.Reth);
        if (info.EndsMessage) stream.Close();
    }

    private void CheckSequence(in WirePacket packet, Channel channel)
    {
        var info = packet.Transport.Info;
        var stream = channel.Requests;
        if (info.StartsMessage)
        {
            if (stream.IsOpen && !stream.IsPartial)
                Violated(packet, channel, "opcode-sequence", "IBA 9.7.4.1.2", $"{OpcodeInfo.NameOf(packet.Transport.Opcode)} while a message is open");
            stream.Close();
            stream.IsOpen = true;
            stream.IsOpenWrite = info.IsWrite;
            (stream.FirstFrame, stream.FirstPsn) = (packet.Number, packet.Transport.Psn);
            return;
        }
        if (stream.IsPartial) return;
        if (!stream.IsOpen || stream.IsOpenWrite != info.IsWrite)
        {
            Violated(packet, channel, "opcode-sequence", "IBA 9.7.4.1.2",
                $"{OpcodeInfo.NameOf(packet.Transport.Opcode)} {(stream.IsOpen ? "inside another kind of message" : "without a First")}");
            stream.IsPartial = true;
        }
    }

    private void DeliverSend(in WirePacket packet, Channel channel)
    {
        var transport = packet.Transport;
        var stream = channel.Requests;
        if (stream.IsPartial) return;
        if (!transport.Info.IsOnly)
        {
            if (stream.AssemblyLength + transport.PayloadLength > MaxAssembly)
            {
                stream.IsPartial = true;
                return;
            }
            stream.Append(transport.Payload);
        }
        if (!transport.Info.EndsMessage) return;
        var message = new WireMessage
        {
            Channel = channel, FirstFrame = stream.FirstFrame, FirstPsn = stream.FirstPsn, Data = transport.Info.IsOnly ? transport.Payload : stream.Assembly,
            Invalidated = transport.Info.HasInvalidate ? transport.Invalidate.RKey : null,
        };
        UlpGuess.Look(message);
        listener.OnMessage(packet, message);
    }

    private void DeliverWrite(in WirePacket packet, Channel channel)
    {
        var transport = packet.Transport;
        var stream = channel.Requests;
        if (stream.IsPartial) return;
        if (transport.Info.StartsMessage)
        {
            var reth = transport.Reth;
            stream.WriteLeft = reth.DmaLength;
            listener.OnRdma(packet, channel, reth);
        }
        stream.WriteLeft -= transport.PayloadLength;
        if (stream.WriteLeft < 0 || (transport.Info.EndsMessage && stream.WriteLeft != 0))
        {
            Violated(packet, channel, "write-length", "IBA 9.7.4.1.5",
                $"the packets of a WRITE carry {Math.Abs(stream.WriteLeft)} bytes {(stream.WriteLeft < 0 ? "more" : "less")} than its RETH says");
            stream.IsPartial = true;
        }
    }

    /// <summary>First and Middle carry exactly the path MTU, Last at least a byte, none more. IBA §9.4, §9.7.4.1.6.</summary>
    private void CheckSize(in WirePacket packet, Channel channel)
    {
        var transport = packet.Transport;
        var info = transport.Info;
        var length = transport.PayloadLength;
        var conversation = channel.Conversation;
        var isFull = info.IsFirst || info.IsMiddle;
        if (isFull && conversation.Mtu == 0)
        {
            if (length is 256 or 512 or 1024 or 2048 or 4096) conversation.Mtu = length;
            else Violated(packet, channel, "payload-size", "IBA 9.4", $"{OpcodeInfo.NameOf(transport.Opcode)} with {length} bytes, which is no MTU");
            return;
        }
        if (conversation.Mtu == 0 ? length <= 4096 : isFull ? length == conversation.Mtu : length <= conversation.Mtu && !(info.IsLast && length == 0)) return;
        Violated(packet, channel, "payload-size", "IBA 9.4", $"{OpcodeInfo.NameOf(transport.Opcode)} with {length} bytes at path MTU {conversation.Mtu}");
    }
}
