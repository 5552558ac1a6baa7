namespace Weft.Protocol.Cm;

/// <summary>One edge of the connection state machine.</summary>
public sealed record CmEdge(CmState From, CmInput On, CmState To, CmActions Actions = CmActions.None, CmNoticeKind Notice = CmNoticeKind.None);
