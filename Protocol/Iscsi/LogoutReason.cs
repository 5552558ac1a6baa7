namespace Weft.Protocol.Iscsi;

/// <summary>RFC 7143 §11.14.1.</summary>
public enum LogoutReason : byte
{
    CloseSession = 0,
    CloseConnection = 1,
    RemoveConnectionForRecovery = 2,
}
