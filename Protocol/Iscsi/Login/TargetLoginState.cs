namespace Weft.Protocol.Iscsi.Login;

/// <summary>Where the target's half of a login stands.</summary>
public enum TargetLoginState
{
    /// <summary>No request seen.</summary>
    Start,
    Security,
    /// <summary>CHAP agreed; CHAP_A is next.</summary>
    AwaitAlgorithm,
    /// <summary>Challenge sent; CHAP_N and CHAP_R are next.</summary>
    AwaitResponse,
    /// <summary>Authenticated, still in the security stage.</summary>
    Authenticated,
    Operational,
    /// <summary>The final response is given: the connection is in full feature phase once it is sent.</summary>
    FullFeature,
    /// <summary>A refusal is given: the connection is closed once it is sent.</summary>
    Failed,
}
