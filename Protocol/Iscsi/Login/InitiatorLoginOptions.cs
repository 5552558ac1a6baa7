using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Iscsi.Login;

/// <summary>What an initiator logs in with.</summary>
public sealed record InitiatorLoginOptions(string InitiatorName, KeyPolicy Policy)
{
    public string? InitiatorAlias { get; init; }
    /// <summary>Null in a discovery session.</summary>
    public string? TargetName { get; init; }
    public bool IsDiscovery => TargetName is null;
    /// <summary>Whether the connection is RDMA; a normal session then needs RDMAExtensions=Yes.</summary>
    public bool Iser { get; init; } = true;
    public Isid Isid { get; init; }
    public ushort Cid { get; init; }
    public TaskTag TaskTag { get; init; }
    public CmdSn FirstCmdSn { get; init; }
    /// <summary>open-iscsi sends 0, libiscsi 1; the target does not look at it.</summary>
    public StatSn FirstExpStatSn { get; init; }
    /// <summary>CHAP, if set; the security stage is then gone through.</summary>
    public ChapSettings? Chap { get; init; }
    /// <summary>Begin in the security stage even with nothing to prove: AuthMethod=None.</summary>
    public bool SecurityStage { get; init; }
    /// <summary>Also accept a target that wants no proof: offer <c>CHAP,None</c> as libiscsi does. Not for mutual CHAP.</summary>
    public bool AuthenticationOptional { get; init; }
}
