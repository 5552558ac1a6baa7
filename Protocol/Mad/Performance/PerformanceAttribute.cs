namespace Weft.Protocol.Mad.Performance;

/// <summary>Attributes of performance management that Weft knows. IBA Vol 1 §16.1.3.</summary>
public enum PerformanceAttribute : ushort
{
    ClassPortInfo = 0x0001,
    PortCounters = 0x0012,
    PortCountersExtended = 0x001D,
}
