using Weft.Protocol.Analysis;
using Weft.Protocol.Capture;
using Weft.Protocol.Ib;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;
using Weft.Protocol.Mad;
using Weft.Protocol.Scsi;

namespace Weft.Scenarios.Captures;

/// <summary>Tells a capture message by message, in the terms of the protocols; packets of one message make one line.</summary>
internal sealed class CaptureShow : IWireListener
{
    private readonly Func<ShownMessage, bool> show;
    private readonly ConversationTracker tracker;
    private readonly LayerRewriter layers = new(new());
    // READ responses whose Last is still to come: first PSN and bytes so far.
    private readonly Dictionary<Channel, (Psn First, int Bytes)> reads = [];
    private Instant start;
    private bool isDone;

    /// <param name="show">Given each message; false ends it.</param>
    public CaptureShow(Func<ShownMessage, bool> show)
    {
        this.show = show;
        tracker = new(this);
    }

    /// <param name="show">Given each message; false ends it.</param>
    /// <returns>Why the file could not be read to its end, or null.</returns>
    public static string? Run(Stream stream, Func<ShownMessage, bool> show)
    {
        if (stream.Length == 0) return "the file is empty";
        if (CaptureReader.Open(stream, out var error) is not { } reader) return $"no capture file: {error!.Detail}";
        var run = new CaptureShow(show);
        while (!run.isDone && reader.TryRead(out var packet)) run.Take(packet);
        return reader.Error is { } broken ? $"broken after {reader.Count} packets: {broken.Detail} [{broken.Spec}]" : null;
    }

    /// <summary>The next frame.</summary>
    public void Take(in CapturedPacket captured)
    {
        if (captured.Number == 1) start = captured.Time;
        var frame = captured.Data.Span;
        var time = Instant.Zero + (captured.Time - start);
        if (captured.LinkType is not (CaptureLinkType.Ethernet or CaptureLinkType.InfiniBand))
        {
            Foreign(captured.Number, time, $"link type {(ushort)captured.LinkType}, {frame.Length} bytes");
            return;
        }
        switch (WireReader.Read(frame, captured.Number, time, captured.Direction, out var packet, out var violation, linkType: captured.LinkType))
        {
            case WireVerdict.Good:
                tracker.Take(packet);
                break;
            case WireVerdict.Damaged:
                Foreign(captured.Number, time, $"damaged: {violation}");
                break;
            case var _ when captured.LinkType == CaptureLinkType.InfiniBand:
                Foreign(captured.Number, time, $"raw packet, {frame.Length} bytes");
                break;
            default:
                var protocol = layers.Other(frame, out _, out var damage);
                Foreign(captured.Number, time, damage is null ? $"{protocol}, {frame.Length} bytes" : $"damaged: {damage}");
                break;
        }
    }

    private void Foreign(int frame, Instant time, string text) => Emit(new(frame, time, "", "", null, null, null, null, IsMessage: false, text));

    private void Emit(ShownMessage message) => isDone |= !show(message);

    private void Emit(in WirePacket packet, Channel? channel, Psn first, Psn last, bool isMessage, string text, bool isDetail = false) => Emit(new(
        packet.Number, packet.Time, packet.Source.ToString(), packet.Destination.ToString(), packet.Transport.DestQp, channel?.Reverse?.QueuePair,
        first, last, isMessage, text, isDetail));

    public void OnPacket(in WirePacket packet, Channel? channel)
    {
        var transport = packet.Transport;
        var info = transport.Info;
        var psn = transport.Psn;
        if (info.IsReadResponse && channel is not null)
        {
            var read = info.StartsMessage || !reads.TryGetValue(channel, out var open) ? (First: psn, Bytes: 0) : open;
            read.Bytes += transport.PayloadLength;
            reads[channel] = read;
            if (info.EndsMessage) Emit(packet, channel, read.First, psn, false, $"RDMA READ response, {read.Bytes} bytes, MSN {transport.Aeth.Msn}");
        }
        else if (info.IsAcknowledge)
        {
            Emit(packet, channel, psn, psn, false, Acknowledge(transport.Aeth), isDetail: transport.Aeth.Kind == AethKind.Ack);
        }
        else if (info.IsAtomic)
        {
            var atomic = transport.AtomicEth;
            Emit(packet, channel, psn, psn, false, $"{OpcodeInfo.NameOf(transport.Opcode)} {atomic.RKey}@0x{atomic.VirtualAddress:x}");
        }
        else if (info.IsAtomicAcknowledge)
        {
            Emit(packet, channel, psn, psn, false, $"Atomic response, was 0x{transport.AtomicAckEth.Original:x}, MSN {transport.Aeth.Msn}");
        }
        else if (channel is null && transport.DestQp is var to && (to == Qpn.Smi || to == Qpn.Gsi) && info.HasDeth && MadText.Describe(transport.Payload) is { } management)
        {
            Emit(packet, null, psn, psn, true, management);
        }
        else if (channel is null && transport.DestQp != Qpn.Gsi)
        {
            Emit(packet, null, psn, psn, true, $"{OpcodeInfo.NameOf(transport.Opcode)}{(info.HasDeth ? $" from QP {transport.Deth.SourceQp}" : "")}, {transport.PayloadLength} bytes");
        }
    }

    private static string Acknowledge(Aeth aeth) => aeth.Kind switch
    {
        AethKind.Ack => $"ACK MSN {aeth.Msn}",
        AethKind.RnrNak => $"RNR NAK {Protocol.Transport.RnrTimer.Of(aeth.Code)} MSN {aeth.Msn}",
        AethKind.Nak => $"NAK {(NakCode)aeth.Code} MSN {aeth.Msn}",
        _ => $"reserved syndrome 0x{aeth.Syndrome:x2}",
    };

    public void OnCm(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message, Conversation? conversation) =>
        Emit(packet, null, packet.Transport.Psn, packet.Transport.Psn, true, CmText.Describe(header, message, conversation));

    public void OnMessage(in WirePacket packet, in WireMessage message)
    {
        var text = message.Conversation.Ulp switch
        {
            Ulp.Iser => Iser(message.Data),
            Ulp.Srp => SrpText.Describe(message.Data),
            _ => $"SEND, {message.Data.Length} bytes",
        };
        if (message.Invalidated is { } key) text += $" (invalidates {key})";
        Emit(packet, message.Channel, message.FirstPsn, packet.Transport.Psn, true, text);
    }

    private static string Iser(ReadOnlySpan<byte> data)
    {
        if (IserMessage.TryRead(data, out var message) is { } unread) return $"iSER not read: {unread}";
        var text = message.ToString();
        if (!message.Header.IsControl) return text;
        if (Pdu.TryView<ScsiCommandPdu>(message.Pdu.Bhs, out var command)) return $"{text} | {new Cdb(command.Cdb.High, command.Cdb.Low)}";
        if (message.Pdu.Bhs.Opcode == IscsiOpcode.ScsiResponse && message.Pdu.Data.Length > 2 && Sense.TryRead(message.Pdu.Data[2..], out var sense)) return $"{text} | {sense}";
        return text;
    }

    public void OnRdma(in WirePacket packet, Channel channel, in Reth reth)
    {
        var transport = packet.Transport;
        var mtu = (uint)Math.Max(channel.Conversation.Mtu, 256);
        var last = transport.Info.IsOnly && !transport.Info.IsReadRequest ? transport.Psn
            : transport.Psn + (uint)Math.Max(0, ((long)reth.DmaLength + mtu - 1) / mtu - 1);
        Emit(packet, channel, transport.Psn, last, false,
            $"RDMA {(transport.Info.IsReadRequest ? "READ" : "WRITE")} {reth.RKey}@0x{reth.VirtualAddress:x}+{reth.DmaLength}");
    }

    public void OnIgnored(in WirePacket packet, Channel channel)
    {
        var transport = packet.Transport;
        if (transport.Info.IsAtomic) return;
        Emit(packet, channel, transport.Psn, transport.Psn, false, $"{OpcodeInfo.NameOf(transport.Opcode)}, {transport.PayloadLength} bytes, again or out of order", isDetail: !transport.Info.EndsMessage);
    }
}
