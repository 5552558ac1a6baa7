using static Weft.Protocol.Cm.CmActions;
using static Weft.Protocol.Cm.CmInput;
using static Weft.Protocol.Cm.CmNoticeKind;
using static Weft.Protocol.Cm.CmState;

namespace Weft.Protocol.Cm;

/// <summary>
/// The connection state machine as data. IBA Vol 1 §12.9.6 to §12.9.8 (connections), §12.11 (SIDR). An input without an edge changes
/// nothing: a call is refused, a message is a duplicate or too late and is ignored. Where the specification leaves room, this is what
/// Linux does; where Linux does less than the specification, a comment says so.
/// </summary>
public static class CmStates
{
    private const int InputCount = (int)TimeWaitEnd + 1;
    private static readonly CmEdge?[] Table;

    public static IReadOnlyList<CmEdge> Edges { get; } =
    [
        new(Idle, Connect, ReqSent, Send | StartTimer),
        new(Idle, Req, CmState.ReqReceived, Notice: CmNoticeKind.ReqReceived),
        new(Idle, ConnectSidr, SidrReqSent, Send | StartTimer),
        new(Idle, SidrReq, CmState.SidrReqReceived, Notice: CmNoticeKind.SidrReqReceived),
        new(Idle, Destroy, Closed),

        // Active side. Linux sends the timeout REJ only when an id is destroyed while it waits; §12.9.8.3.1 wants it whenever a side gives up.
        .. from state in (CmState[])[ReqSent, MraReqReceived]
           from edge in (CmEdge[])
           [
               new(state, Retransmit, state, Resend | RetryTimer),
               new(state, GiveUp, Closed, StopTimer | SendRejTimeout, RequestError),
               new(state, Rep, CmState.RepReceived, StopTimer, CmNoticeKind.RepReceived),
               new(state, Rej, Closed, StopTimer, Rejected),
               new(state, RejStale, TimeWait, TimeWaitTimer, Rejected),
               new(state, Destroy, Closed, StopTimer | SendRejTimeout),
           ]
           select edge,
        new(ReqSent, MraReq, MraReqReceived, ExtendTimer),

        .. from state in (CmState[])[CmState.RepReceived, MraRepSent]
           from edge in (CmEdge[])
           [
               new(state, Ready, CmState.Established, Send),
               new(state, Reject, Closed, CmActions.SendRej),
               new(state, Rej, TimeWait, TimeWaitTimer, Rejected),
               new(state, RejStale, TimeWait, TimeWaitTimer, Rejected),
               new(state, Destroy, Closed, SendRejConsumer),
           ]
           select edge,
        new(CmState.RepReceived, PrepareMra, MraRepSent, Keep),
        new(CmState.RepReceived, CmInput.SendMra, MraRepSent, Send),
        new(MraRepSent, Rep, MraRepSent, Resend),

        // Passive side.
        .. from state in (CmState[])[CmState.ReqReceived, MraReqSent]
           from edge in (CmEdge[])
           [
               new(state, Accept, RepSent, Send | StartTimer),
               new(state, Reject, Closed, CmActions.SendRej),
               new(state, Rej, Closed, StopTimer, Rejected),
               new(state, RejStale, Closed, StopTimer, Rejected),
               new(state, Destroy, Closed, SendRejConsumer),
           ]
           select edge,
        new(CmState.ReqReceived, PrepareMra, MraReqSent, Keep),
        new(CmState.ReqReceived, CmInput.SendMra, MraReqSent, Send),
        new(MraReqSent, Req, MraReqSent, Resend),

        // The QP is in RTS once the REP is out, and the peer may know its number: from here every end goes through TIMEWAIT, except when
        // the peer's REJ says that it holds nothing. A disconnect now is a REJ: the peer understands it before and after its RTU.
        .. from state in (CmState[])[RepSent, MraRepReceived]
           from edge in (CmEdge[])
           [
               new(state, Retransmit, state, Resend | RetryTimer),
               new(state, GiveUp, TimeWait, TimeWaitTimer | SendRejTimeout, ReplyError),
               new(state, Rtu, CmState.Established, StopTimer, CmNoticeKind.Established),
               new(state, CommEst, CmState.Established, StopTimer, CmNoticeKind.Established),
               new(state, Rej, Closed, StopTimer, Rejected),
               new(state, RejStale, TimeWait, TimeWaitTimer, Rejected),
               new(state, Dreq, DreqReceived, StopTimer, PeerDisconnected),
               new(state, Reject, TimeWait, TimeWaitTimer | CmActions.SendRej),
               new(state, Disconnect, TimeWait, TimeWaitTimer | SendRejConsumer, Disconnected),
               new(state, Destroy, TimeWait, TimeWaitTimer | SendRejConsumer),
           ]
           select edge,
        new(RepSent, MraRep, MraRepReceived, ExtendTimer),

        new(CmState.Established, Rep, CmState.Established, Resend), // the RTU was lost
        new(CmState.Established, CommEst, CmState.Established), // the RTU was faster
        new(CmState.Established, Lap, CmState.Established, SendApr),
        new(CmState.Established, Disconnect, DreqSent, Send | StartTimer),
        new(CmState.Established, Dreq, DreqReceived, Notice: PeerDisconnected),
        new(CmState.Established, Rej, TimeWait, TimeWaitTimer, Disconnected),
        new(CmState.Established, RejStale, TimeWait, TimeWaitTimer, Disconnected),
        new(CmState.Established, Destroy, TimeWait, TimeWaitTimer | SendDreq),

        // Release. Both sides may send DREQ at once; each answers the other's, as §12.9.8.2 has it.
        new(DreqSent, Retransmit, DreqSent, Resend | RetryTimer),
        new(DreqSent, GiveUp, TimeWait, TimeWaitTimer, DisconnectError),
        new(DreqSent, Drep, TimeWait, TimeWaitTimer, Disconnected),
        new(DreqSent, Dreq, TimeWait, TimeWaitTimer | SendDrep, Disconnected),
        new(DreqSent, Rej, TimeWait, TimeWaitTimer, Disconnected),
        new(DreqSent, RejStale, TimeWait, TimeWaitTimer, Disconnected),
        new(DreqSent, Disconnect, DreqSent),
        new(DreqSent, Destroy, TimeWait, TimeWaitTimer),
        new(DreqReceived, Disconnect, TimeWait, TimeWaitTimer | Send),
        new(DreqReceived, Destroy, TimeWait, TimeWaitTimer | SendDrep),

        new(TimeWait, Dreq, TimeWait, SendDrep), // the DREP was lost
        new(TimeWait, Req, TimeWait, SendRejStale),
        new(TimeWait, Disconnect, TimeWait),
        new(TimeWait, Destroy, TimeWait),
        new(TimeWait, TimeWaitEnd, Closed, StopTimer, TimeWaitExit),

        new(SidrReqSent, Retransmit, SidrReqSent, Resend | RetryTimer),
        new(SidrReqSent, GiveUp, Closed, StopTimer, SidrError),
        new(SidrReqSent, SidrRep, Closed, StopTimer, SidrRepReceived),
        new(SidrReqSent, Destroy, Closed, StopTimer),
        new(CmState.SidrReqReceived, AnswerSidr, SidrAnswered, Send),
        new(CmState.SidrReqReceived, Destroy, Closed, SendSidrReject),
        new(SidrAnswered, SidrReq, SidrAnswered, Resend),
        new(SidrAnswered, Destroy, Closed),

        new(Closed, Destroy, Closed),
    ];

    static CmStates()
    {
        Table = new CmEdge?[((int)Closed + 1) * InputCount];
        foreach (var edge in Edges)
        {
            ref var slot = ref Table[(int)edge.From * InputCount + (int)edge.On];
            if (slot is not null) throw new InvalidOperationException($"two edges for {edge.From} on {edge.On}");
            slot = edge;
        }
    }

    /// <summary>The edge, or null where the input changes nothing.</summary>
    public static CmEdge? Find(CmState state, CmInput input) => Table[(int)state * InputCount + (int)input];
}
