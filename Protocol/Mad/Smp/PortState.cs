namespace Weft.Protocol.Mad.Smp;

/// <summary>Logical state of a port. IBA Vol 1 §7.2.7, §14.2.5.6.</summary>
public enum PortState : byte
{
    /// <summary>In a Set: leave it as it is.</summary>
    NoChange = 0,
    Down = 1,
    /// <summary>Only subnet management packets pass.</summary>
    Initialize = 2,
    /// <summary>Data may arrive, none may be sent.</summary>
    Armed = 3,
    Active = 4,
}
