using Weft.Protocol.Analysis;
using Weft.Protocol.Cm;
using Weft.Protocol.Iser;
using Weft.Protocol.Mad;
using Weft.Protocol.Srp;

namespace Weft.Scenarios.Captures;

/// <summary>CM messages as people read them: the fields that tell a connection's story.</summary>
internal static class CmText
{
    public static string Describe(in MadHeader header, ReadOnlySpan<byte> message, Conversation? conversation)
    {
        switch ((CmAttribute)header.AttributeId)
        {
            case CmAttribute.Req when CmReq.TryRead(message, out var req):
                var data = req.PrivateData;
                if (req.ServiceId.IsRdmaCm) data = data[RdmaCmHeader.Length..];
                var source = req.ServiceId.IsRdmaCm && RdmaCmHeader.TryRead(req.PrivateData, out var address) ? $" from {address.Source}:{address.SourcePort}" : "";
                return $"CM REQ {req.ServiceId}{source} QP {req.LocalQpn} PSN {req.StartingPsn} MTU {req.PathMtu.Bytes()} resources {req.ResponderResources}"
                    + $" depth {req.InitiatorDepth} retry {req.RetryCount} RNR {req.RnrRetryCount} comm {req.LocalCommId:x8}{Login(data, conversation)}";
            case CmAttribute.Rep when CmRep.TryRead(message, out var rep):
                return $"CM REP QP {rep.LocalQpn} PSN {rep.StartingPsn} resources {rep.ResponderResources} depth {rep.InitiatorDepth} RNR {rep.RnrRetryCount}"
                    + $" comm {rep.LocalCommId:x8} > {rep.RemoteCommId:x8}{Answer(rep.PrivateData, conversation)}";
            case CmAttribute.Rej when CmRej.TryRead(message, out var rej):
                return $"CM REJ {rej.Reason} ({(int)rej.Reason}) of {rej.Message} comm {rej.LocalCommId:x8} > {rej.RemoteCommId:x8}"
                    + (rej.Reason == CmRejReason.ConsumerDefined ? Answer(rej.PrivateData, conversation) : "");
            case CmAttribute.Rtu when CmRtu.TryRead(message, out var rtu):
                return $"CM RTU comm {rtu.LocalCommId:x8} > {rtu.RemoteCommId:x8}";
            case CmAttribute.Dreq when CmDreq.TryRead(message, out var dreq):
                return $"CM DREQ QP {dreq.RemoteQpn} comm {dreq.LocalCommId:x8} > {dreq.RemoteCommId:x8}";
            case CmAttribute.Drep when CmDrep.TryRead(message, out var drep):
                return $"CM DREP comm {drep.LocalCommId:x8} > {drep.RemoteCommId:x8}";
            default:
                return $"CM {CmMad.TableOf((CmAttribute)header.AttributeId)?.Print(message)}";
        }
    }

    private static string Login(ReadOnlySpan<byte> data, Conversation? conversation) => conversation switch
    {
        { IserRequest: { } iser } => $" {iser}",
        { SrpRequest: { } srp } => $" {SrpText.Describe(srp)}",
        _ => data.ContainsAnyExcept((byte)0) ? $" data {Convert.ToHexStringLower(data.TrimEnd((byte)0))}" : "",
    };

    private static string Answer(ReadOnlySpan<byte> data, Conversation? conversation)
    {
        if (conversation?.IserReply is not null && IserCmPrivateData.TryRead(data, out var iser)) return $" {iser}";
        if (conversation?.SrpRequest is not null && SrpLoginResponse.TryRead(data, out var response)) return $" {SrpText.Describe(response)}";
        if (conversation?.SrpRequest is not null && SrpLoginReject.TryRead(data, out var reject)) return $" SRP_LOGIN_REJ {reject.Reason} (0x{(uint)reject.Reason:x8})";
        return data.ContainsAnyExcept((byte)0) ? $" data {Convert.ToHexStringLower(data.TrimEnd((byte)0))}" : "";
    }
}
