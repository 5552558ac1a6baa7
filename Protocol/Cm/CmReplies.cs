namespace Weft.Protocol.Cm;

/// <summary>Answers to messages that belong to no connection.</summary>
public static class CmReplies
{
    /// <summary>Refuses a REQ without having made a comm ID for it.</summary>
    public static CmRej Reject(in CmReq req, CmRejReason reason) =>
        new() { RemoteCommId = req.LocalCommId, Message = CmMessageRef.Req, Reason = reason };

    /// <summary>Refuses a REP: nobody waits for it (reason 6), or its QP is still known from an earlier connection (reason 10).</summary>
    public static CmRej Reject(in CmRep rep, CmRejReason reason) =>
        new() { LocalCommId = rep.RemoteCommId, RemoteCommId = rep.LocalCommId, Message = CmMessageRef.Rep, Reason = reason };

    /// <summary>A DREQ for a connection that is gone is answered all the same, or its sender would wait out its retries. IBA Vol 1 §12.9.8.2.</summary>
    public static CmDrep Answer(in CmDreq dreq) => new() { LocalCommId = dreq.RemoteCommId, RemoteCommId = dreq.LocalCommId };

    /// <summary>No datagram service of that ID here.</summary>
    public static CmSidrRep Refuse(in CmSidrReq req, CmSidrStatus status) =>
        new() { RequestId = req.RequestId, ServiceId = req.ServiceId, Status = status };
}
