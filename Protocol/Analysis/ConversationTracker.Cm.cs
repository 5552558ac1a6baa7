using Weft.Protocol.Cm;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Analysis;

public sealed partial class ConversationTracker
{
    private static readonly QKey GsiKey = new(0x8001_0000);
    // By sender and the communication ID that it chose; an ID that is used again belongs to the newer connection.
    private readonly Dictionary<(Gid, uint), Conversation> byId = [];

    private void TakeManagement(in WirePacket packet)
    {
        var transport = packet.Transport;
        var datagram = transport.Payload;
        if (!CmMad.TryReadHeader(datagram, out var header, out var attribute, out var violation))
        {
            // Other management classes are somebody else's business.
            if (header.Class is MadClass.CommunicationManagement || violation!.Rule == "mad-length")
                listener.OnFinding(FindingSeverity.Violation, packet, null, violation!);
            return;
        }
        if (transport.Deth.QKey != GsiKey)
            listener.OnFinding(FindingSeverity.Violation, packet, null, new("cm-q-key", "IBA 13.5.3.3", $"Q_Key {transport.Deth.QKey}, the GSI's is {GsiKey}"));
        var message = datagram[MadHeader.Length..];
        var conversation = attribute switch
        {
            CmAttribute.Req => TakeReq(packet, header, message),
            CmAttribute.Rep => TakeRep(packet, header, message),
            CmAttribute.Rtu => TakeRtu(packet, header, message),
            CmAttribute.Rej => TakeRej(packet, header, message),
            CmAttribute.Mra => TakeMra(packet, message),
            CmAttribute.Dreq => TakeDreq(packet, header, message),
            CmAttribute.Drep => TakeDrep(packet, header, message),
            _ => null,
        };
        listener.OnCm(packet, header, message, conversation);
    }

    private Conversation? TakeReq(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message)
    {
        CmReq.TryRead(message, out var req);
        // A REQ that comes again after its REJ: whoever sends it has not seen the REJ, whoever gets it has forgotten the request and begins anew.
        var isKnown = byId.TryGetValue((packet.Source, req.LocalCommId), out var conversation)
            && conversation!.Active == packet.Source && conversation.TransactionId == header.TransactionId && conversation.Phase != CmPhase.Rejected;
        if (isKnown)
        {
            if (conversation!.ActiveQp != req.LocalQpn || conversation.ServiceId != req.ServiceId || conversation.ActiveStart != req.StartingPsn)
                CmViolated(packet, conversation, "cm-req-changed", "IBA 12.9.8.7", "a repeated REQ asks for another QP, PSN or service");
            return conversation;
        }
        conversation = new Conversation(++conversations)
        {
            Active = packet.Source, Passive = packet.Destination, ServiceId = req.ServiceId, ActiveCommId = req.LocalCommId,
            TransactionId = header.TransactionId, ActiveQp = req.LocalQpn, ActiveStart = req.StartingPsn, PKey = req.PKey,
            ActiveResources = req.ResponderResources, Phase = CmPhase.ReqSent, IsUnreliable = req.TransportType == CmTransport.Uc,
            Mtu = req.PathMtu is >= PathMtu.Mtu256 and <= PathMtu.Mtu4096 ? req.PathMtu.Bytes() : 0,
        };
        if (conversation.Mtu == 0) CmViolated(packet, conversation, "cm-req-mtu", "IBA 12.7.22", $"path MTU code {(byte)req.PathMtu}");
        if (req.LocalCommId == 0) CmViolated(packet, conversation, "cm-comm-id", "IBA 12.7.1", "a REQ with communication ID 0");
        UlpGuess.Look(conversation, req);
        byId[(packet.Source, req.LocalCommId)] = conversation;
        return conversation;
    }

    private Conversation? TakeRep(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message)
    {
        CmRep.TryRead(message, out var rep);
        if (!byId.TryGetValue((packet.Destination, rep.RemoteCommId), out var conversation) || conversation.Active != packet.Destination)
            return Unseen(packet, "REP", "REQ");
        if (conversation.Phase != CmPhase.ReqSent)
        {
            if (conversation.Phase != CmPhase.Rejected && conversation.PassiveCommId != rep.LocalCommId)
                CmViolated(packet, conversation, "cm-rep-changed", "IBA 12.9.8.7", $"a second REP with communication ID 0x{rep.LocalCommId:x8}, the first had 0x{conversation.PassiveCommId:x8}");
            return conversation;
        }
        CheckTransaction(packet, conversation, header, "REP");
        conversation.Phase = CmPhase.RepSent;
        conversation.IsComplete = true;
        conversation.PassiveCommId = rep.LocalCommId;
        conversation.PassiveQp = rep.LocalQpn;
        conversation.PassiveResources = rep.ResponderResources;
        UlpGuess.Look(conversation, rep);
        byId[(packet.Source, rep.LocalCommId)] = conversation;
        // The starting PSN is what the receiver of the message sends first. IBA §12.6.5, §12.6.8.
        conversation.Forward = Open(conversation, packet.Destination, packet.Source, rep.LocalQpn, rep.StartingPsn);
        conversation.Backward = Open(conversation, packet.Source, packet.Destination, conversation.ActiveQp, conversation.ActiveStart);
        return conversation;
    }

    private Conversation? TakeRtu(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message)
    {
        CmRtu.TryRead(message, out var rtu);
        if (FindByIds(packet, rtu.LocalCommId, rtu.RemoteCommId) is not { } conversation) return Unseen(packet, "RTU", "REP");
        if (conversation.Active != packet.Source) CmViolated(packet, conversation, "cm-rtu-side", "IBA 12.9.7.1", "an RTU from the passive side");
        CheckTransaction(packet, conversation, header, "RTU");
        if (conversation.Phase == CmPhase.RepSent) conversation.Phase = CmPhase.Established;
        return conversation;
    }

    private Conversation? TakeRej(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message)
    {
        CmRej.TryRead(message, out var rej);
        if (!byId.TryGetValue((packet.Destination, rej.RemoteCommId), out var conversation)
            && !byId.TryGetValue((packet.Source, rej.LocalCommId), out conversation)) return Unseen(packet, "REJ", "message that it refuses");
        CheckTransaction(packet, conversation, header, "REJ");
        if (conversation.Phase is CmPhase.ReqSent or CmPhase.RepSent) conversation.Phase = CmPhase.Rejected;
        else if (conversation.Phase != CmPhase.Rejected)
            CmViolated(packet, conversation, "cm-rej-state", "IBA 12.9.7", $"a REJ when the connection was {conversation.Phase}");
        return conversation;
    }

    private Conversation? TakeMra(in WirePacket packet, ReadOnlySpan<byte> message)
    {
        CmMra.TryRead(message, out var mra);
        return byId.TryGetValue((packet.Destination, mra.RemoteCommId), out var conversation) ? conversation : Unseen(packet, "MRA", "message that it answers");
    }

    private Conversation? TakeDreq(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message)
    {
        CmDreq.TryRead(message, out var dreq);
        if (FindByIds(packet, dreq.LocalCommId, dreq.RemoteCommId) is not { } conversation) return Unseen(packet, "DREQ", "connection");
        var qp = conversation.Active == packet.Destination ? conversation.ActiveQp : conversation.PassiveQp;
        if (dreq.RemoteQpn != qp) CmViolated(packet, conversation, "cm-dreq-qp", "IBA 12.6.10", $"a DREQ for QP {dreq.RemoteQpn}, the receiver's is {qp}");
        if (conversation.Phase is CmPhase.ReqSent) CmViolated(packet, conversation, "cm-dreq-state", "IBA 12.9.7", "a DREQ before the REP");
        if (conversation.Active == packet.Source) conversation.ActiveDisconnect = header.TransactionId;
        else conversation.PassiveDisconnect = header.TransactionId;
        if (conversation.Phase != CmPhase.Disconnected) conversation.Phase = CmPhase.DreqSent;
        return conversation;
    }

    private Conversation? TakeDrep(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message)
    {
        CmDrep.TryRead(message, out var drep);
        if (FindByIds(packet, drep.LocalCommId, drep.RemoteCommId) is not { } conversation) return Unseen(packet, "DREP", "connection");
        var asked = conversation.Active == packet.Source ? conversation.PassiveDisconnect : conversation.ActiveDisconnect;
        if (asked is null) CmViolated(packet, conversation, "cm-drep-state", "IBA 12.9.7", "a DREP without a DREQ");
        else if (asked != header.TransactionId) CmViolated(packet, conversation, "cm-transaction", "IBA 12.6.1", "a DREP whose transaction ID is not its DREQ's");
        var isFirst = conversation.Phase != CmPhase.Disconnected;
        conversation.Phase = CmPhase.Disconnected;
        if (isFirst) listener.OnClosed(conversation);
        return conversation;
    }

    private Conversation? FindByIds(in WirePacket packet, uint local, uint remote)
    {
        if (byId.TryGetValue((packet.Source, local), out var own) && own.IsBetween(packet.Source, local, packet.Destination, remote)) return own;
        return byId.TryGetValue((packet.Destination, remote), out var other) && other.IsBetween(packet.Source, local, packet.Destination, remote) ? other : null;
    }

    private void CheckTransaction(in WirePacket packet, Conversation conversation, in MadHeader header, string name)
    {
        if (header.TransactionId != conversation.TransactionId)
            CmViolated(packet, conversation, "cm-transaction", "IBA 12.6.1", $"{name} with transaction ID 0x{header.TransactionId:x16}, the REQ's is 0x{conversation.TransactionId:x16}");
    }

    private Conversation? Unseen(in WirePacket packet, string name, string cause)
    {
        // What comes in may answer something that was lost on its way here: a REJ of the peer that gave up on a REQ, for one.
        var severity = seesEverything && packet.Direction == Capture.CaptureDirection.Outbound ? FindingSeverity.Violation : FindingSeverity.Note;
        listener.OnFinding(severity, packet, null, new("cm-unseen", "IBA 12.9.7", $"{name} for a {cause} that was not seen here"));
        return null;
    }

    private void CmViolated(in WirePacket packet, Conversation conversation, string rule, string spec, string detail) =>
        listener.OnFinding(FindingSeverity.Violation, packet, conversation, new(rule, spec, detail));
}
