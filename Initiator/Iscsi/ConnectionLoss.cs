using Weft.Protocol.Iscsi;

namespace Weft.Initiator.Iscsi;

/// <summary>Why a connection ended, and what the target said about coming back.</summary>
/// <param name="Time2Wait">Wait asked for by a Logout Response or Async Message.</param>
/// <param name="RedirectAddress"><c>host:port[,tag]</c> of a redirection.</param>
internal sealed record ConnectionLoss(
    LossKind Kind, string Detail, LoginStatus Status = LoginStatus.Success, Duration? Time2Wait = null, string? RedirectAddress = null)
{
    public override string ToString() => Status == LoginStatus.Success ? $"{Kind}: {Detail}" : $"{Kind} (status {(ushort)Status:x4}): {Detail}";
}
