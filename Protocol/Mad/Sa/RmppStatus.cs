namespace Weft.Protocol.Mad.Sa;

/// <summary>Why a transfer was stopped or aborted. IBA Vol 1 §13.6.2.1 table 158.</summary>
public enum RmppStatus : byte
{
    Normal = 0,
    ResourcesExhausted = 1,
    TotalTimeTooLong = 118,
    InconsistentLastAndPayloadLength = 119,
    InconsistentFirstAndSegmentNumber = 120,
    BadType = 121,
    NewWindowTooSmall = 122,
    SegmentNumberTooBig = 123,
    IllegalStatus = 124,
    UnsupportedVersion = 125,
    TooManyRetries = 126,
}
