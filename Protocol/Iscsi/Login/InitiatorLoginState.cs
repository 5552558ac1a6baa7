namespace Weft.Protocol.Iscsi.Login;

/// <summary>Where the initiator's half of a login stands.</summary>
public enum InitiatorLoginState
{
    /// <summary>Nothing sent.</summary>
    Start,
    /// <summary>AuthMethod is offered.</summary>
    Security,
    /// <summary>CHAP_A is offered; the challenge is next.</summary>
    AwaitChallenge,
    /// <summary>The response is sent; agreement, and for mutual CHAP the target's response, is next.</summary>
    AwaitVerdict,
    Operational,
    FullFeature,
    /// <summary>The target named another address.</summary>
    Redirected,
    Failed,
}
