namespace Weft.Protocol.Mad.Smp;

/// <summary>How grave a notice is. IBA Vol 1 §13.4.8.2.</summary>
public enum NoticeType : byte
{
    Fatal = 0,
    Urgent = 1,
    Security = 2,
    SubnetManagement = 3,
    Informational = 4,
    Empty = 0x7F,
}
