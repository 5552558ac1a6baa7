namespace Weft.Protocol.Mad.Smp;

/// <summary>State of a subnet manager. IBA Vol 1 §14.4.1.</summary>
public enum SmState : byte
{
    NotActive = 0,
    Discovering = 1,
    Standby = 2,
    Master = 3,
}
