namespace Weft.Protocol.Mad.Smp;

/// <summary>Physical state of a port. IBA Vol 1 §14.2.5.6.</summary>
public enum PortPhysicalState : byte
{
    /// <summary>In a Set: leave it as it is.</summary>
    NoChange = 0,
    Sleep = 1,
    Polling = 2,
    Disabled = 3,
    Training = 4,
    LinkUp = 5,
    ErrorRecovery = 6,
    PhyTest = 7,
}
