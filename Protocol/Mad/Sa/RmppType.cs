namespace Weft.Protocol.Mad.Sa;

/// <summary>What an RMPP packet is. IBA Vol 1 §13.6.2.1.</summary>
public enum RmppType : byte
{
    None = 0,
    Data = 1,
    Ack = 2,
    Stop = 3,
    Abort = 4,
}
