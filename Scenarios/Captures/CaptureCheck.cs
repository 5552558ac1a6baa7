using Weft.Protocol.Analysis;
using Weft.Protocol.Capture;
using Weft.Protocol.Cm;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad;

namespace Weft.Scenarios.Captures;

/// <summary>
/// Checks one capture: every frame of RoCE or InfiniBand parses, its CRCs verify, and each of its layers is written back to the same bytes;
/// and, unless told otherwise, the rules of the wire hold from frame to frame.
/// </summary>
internal sealed class CaptureCheck : IWireListener
{
    private readonly CaptureReport report;
    private readonly LayerRewriter layers;
    private readonly ConversationTracker tracker;
    private readonly WireRules? rules;
    private byte[] copy = new byte[4096];

    private CaptureCheck(CaptureReport report, bool checksRules, bool isComplete)
    {
        this.report = report;
        layers = new(report.Counts);
        tracker = new(this, isComplete);
        if (checksRules) rules = new WireRules(report.Add);
    }

    /// <param name="isComplete">The capture misses nothing, so that what was not seen did not happen.</param>
    public static CaptureReport Run(Stream stream, string name, bool checksRules = true, bool isComplete = false)
    {
        var report = new CaptureReport(name);
        if (stream.Length == 0)
        {
            report.Unreadable = "the file is empty";
            return report;
        }
        if (CaptureReader.Open(stream, out var error) is not { } reader)
        {
            report.Unreadable = $"no capture file: {error!.Detail}";
            return report;
        }
        var check = new CaptureCheck(report, checksRules, isComplete);
        while (reader.TryRead(out var packet)) check.Take(packet);
        if (reader.Error is { } broken) report.Unreadable = $"broken after {reader.Count} packets: {broken.Detail} [{broken.Spec}]";
        report.Connections = check.tracker.Count;
        return report;
    }

    private void Take(in CapturedPacket captured)
    {
        var counts = report.Counts;
        counts.Frames++;
        var frame = captured.Data.Span;
        if (captured.LinkType is not (CaptureLinkType.Ethernet or CaptureLinkType.InfiniBand))
        {
            Count($"link type {(ushort)captured.LinkType}");
            return;
        }
        if (captured.OriginalLength > frame.Length)
        {
            report.AddUnread(captured.Number, new("cut", "pcap", $"{frame.Length} of {captured.OriginalLength} bytes captured"));
            return;
        }
        switch (WireReader.Read(frame, captured.Number, captured.Time, captured.Direction, out var packet, out var violation, linkType: captured.LinkType))
        {
            case WireVerdict.Good:
                counts.Roce++;
                tracker.Take(packet);
                break;
            case WireVerdict.Damaged:
                report.AddDamaged(captured.Number, violation!);
                break;
            case var _ when captured.LinkType == CaptureLinkType.InfiniBand:
                Count("raw packets");
                break;
            default:
                var protocol = layers.Other(frame, out var problem, out var damage);
                if (damage is not null) report.AddDamaged(captured.Number, damage);
                else Count(protocol);
                if (problem is not null) report.AddUnread(captured.Number, problem);
                break;
        }
    }

    private void Count(string protocol) => report.Counts.Other[protocol] = report.Counts.Other.GetValueOrDefault(protocol) + 1;

    public void OnPacket(in WirePacket packet, Channel? channel)
    {
        switch (packet.Transport.Service)
        {
            case TransportService.ReliableConnection:
                report.Counts.Rc++;
                break;
            case TransportService.UnreliableConnection:
                report.Counts.Uc++;
                break;
            case TransportService.UnreliableDatagram:
                report.Counts.Ud++;
                break;
        }
        if (copy.Length < packet.Frame.Length) copy = new byte[packet.Frame.Length];
        var again = copy.AsSpan(0, packet.Frame.Length);
        again.Clear();
        packet.Rewrite(again);
        var same = packet.Frame.CommonPrefixLength(again);
        if (same != again.Length)
            report.AddUnread(packet.Number, new("rewrite", "IBA 9.2", $"the frame does not come out as it went in: byte {same} of {again.Length}"));
        rules?.OnPacket(packet, channel);
    }

    public void OnCm(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message, Conversation? conversation)
    {
        report.Counts.Cm++;
        var attribute = (CmAttribute)header.AttributeId;
        var isRdmaCm = conversation?.ServiceId.IsRdmaCm ?? false;
        Note(packet, layers.Cm(header, message, isRdmaCm && attribute == CmAttribute.Req));
        switch (attribute)
        {
            case CmAttribute.Req when conversation is not null && CmReq.TryRead(message, out var req):
                var data = isRdmaCm ? req.PrivateData[RdmaCmHeader.Length..] : req.PrivateData;
                if (conversation.IserRequest is not null) Note(packet, layers.IserLogin(data));
                if (conversation.SrpRequest is not null) Note(packet, layers.SrpLogin(data, isRdmaCm));
                break;
            case CmAttribute.Rep when conversation is not null && CmRep.TryRead(message, out var rep):
                if (conversation.IserReply is not null) Note(packet, layers.IserLogin(rep.PrivateData));
                if (conversation.SrpRequest is not null) Note(packet, layers.SrpLoginAnswer(rep.PrivateData));
                break;
            // A connection manager that cannot bring its queue pair up rejects by itself, with the same reason and without data.
            case CmAttribute.Rej when conversation?.SrpRequest is not null && CmRej.TryRead(message, out var rej)
                && rej.Reason == CmRejReason.ConsumerDefined && rej.PrivateData.ContainsAnyExcept((byte)0):
                Note(packet, layers.SrpLoginAnswer(rej.PrivateData));
                break;
        }
        rules?.OnCm(packet, header, message, conversation);
    }

    public void OnMessage(in WirePacket packet, in WireMessage message)
    {
        switch (message.Conversation.Ulp)
        {
            case Ulp.Iser:
                Note(packet, layers.Iser(message.Data));
                break;
            case Ulp.Srp:
                Note(packet, layers.Srp(message.Data, message.Conversation.SrpRequest?.ImmediateDataOffset ?? 68));
                break;
            default:
                report.Counts.OtherMessages++;
                break;
        }
        rules?.OnMessage(packet, message);
    }

    public void OnRdma(in WirePacket packet, Channel channel, in Reth reth) => rules?.OnRdma(packet, channel, reth);
    public void OnSkipped(in WirePacket packet, Channel channel) => rules?.OnSkipped(packet, channel);
    public void OnClosed(Conversation conversation) => rules?.OnClosed(conversation);
    public void OnFinding(FindingSeverity severity, in WirePacket packet, Conversation? conversation, Violation violation) =>
        rules?.OnFinding(severity, packet, conversation, violation);

    private void Note(in WirePacket packet, Violation? problem)
    {
        if (problem is not null) report.AddUnread(packet.Number, problem);
    }
}
