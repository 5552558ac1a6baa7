namespace Weft.Protocol.Iscsi.Login;

/// <summary>Who wants in, as the first request says.</summary>
/// <param name="TargetName">Null in a discovery session that names none.</param>
/// <param name="Tsih">0, or the session that a further connection wants to join.</param>
public sealed record LoginIdentity(
    string InitiatorName, string? InitiatorAlias, string? TargetName, bool IsDiscovery, Isid Isid, ushort Tsih, ushort Cid);
