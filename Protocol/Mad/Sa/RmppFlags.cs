namespace Weft.Protocol.Mad.Sa;

/// <summary>Flags of an RMPP packet. IBA Vol 1 §13.6.2.1.</summary>
[Flags]
public enum RmppFlags : byte
{
    None = 0,
    Active = 1,
    First = 2,
    Last = 4,
}
