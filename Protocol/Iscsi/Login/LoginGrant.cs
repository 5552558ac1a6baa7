using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Iscsi.Login;

/// <summary>The target's first decision about a login: refuse it, send it elsewhere, or go on under these terms.</summary>
public sealed record LoginGrant(LoginStatus Status)
{
    /// <summary>Where to go instead, <c>host:port</c>, for the two "moved" statuses.</summary>
    public string? TargetAddress { get; init; }
    public ushort? PortalGroupTag { get; init; }
    public string? Alias { get; init; }
    public KeyPolicy Policy { get; init; } = new();
    /// <summary>Accounts of CHAP; null if nothing has to be proved.</summary>
    public ChapSettings? Chap { get; init; }
    /// <summary>Commands that the window of the full feature phase holds.</summary>
    public int CommandWindowDepth { get; init; } = 128;

    public static LoginGrant Refuse(LoginStatus status) => new(status);
}
