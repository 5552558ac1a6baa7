namespace Weft.Protocol.Analysis;

/// <summary>How far the CM exchange of a connection has come on the wire.</summary>
public enum CmPhase : byte
{
    /// <summary>No CM message of it was seen.</summary>
    Unseen,
    ReqSent,
    RepSent,
    Established,
    Rejected,
    DreqSent,
    Disconnected,
}
