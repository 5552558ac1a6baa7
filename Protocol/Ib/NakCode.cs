namespace Weft.Protocol.Ib;

/// <summary>Low five bits of a NAK syndrome. IBA Vol 1 §9.7.5.2.</summary>
public enum NakCode : byte
{
    PsnSequenceError = 0,
    InvalidRequest = 1,
    RemoteAccessError = 2,
    RemoteOperationalError = 3,
    InvalidRdRequest = 4,
}
