namespace Weft.Protocol.Iscsi;

/// <summary>RFC 7143 §11.17.1.</summary>
public enum RejectReason : byte
{
    DataDigestError = 2,
    SnackReject = 3,
    ProtocolError = 4,
    CommandNotSupported = 5,
    TooManyImmediateCommands = 6,
    TaskInProgress = 7,
    InvalidDataAck = 8,
    InvalidPduField = 9,
    LongOperation = 10,
    NegotiationReset = 11,
    WaitingForLogout = 12,
}
