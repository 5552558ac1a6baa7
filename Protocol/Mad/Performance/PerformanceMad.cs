namespace Weft.Protocol.Mad.Performance;

/// <summary>
/// Performance management in a MAD: class 0x04, version 1, the attribute at byte 64. IBA Vol 1 §16.1.2. Fields of CounterSelect name
/// counters by the order in which the tables list them.
/// </summary>
public static class PerformanceMad
{
    /// <summary>Where the attribute starts in the MAD.</summary>
    public const int DataOffset = 64;
    /// <summary>PortSelect: the sum of all ports.</summary>
    public const byte AllPorts = 0xFF;
    public const ushort AllPortSelectCapability = 1 << 8, ExtendedCountersCapability = 1 << 9, XmitWaitCapability = 1 << 12;

    public static readonly MadField PortSelect = new("PortSelect", 1, 8), CounterSelect = new("CounterSelect", 2, 16, MadFieldFormat.Hex);
    /// <summary>Bit 0: PortXmitWait.</summary>
    public static readonly MadField CounterSelect2 = new("CounterSelect2", 18, 8, MadFieldFormat.Hex);

    /// <summary>PortCounters, 44 bytes. The counter for bit i of CounterSelect is field 2 + i. IBA Vol 1 §16.1.3.5.</summary>
    public static MadFieldTable PortCounters { get; } = new("PortCounters", 44,
        PortSelect, CounterSelect,
        new("SymbolErrorCounter", 4, 16), new("LinkErrorRecoveryCounter", 6, 8), new("LinkDownedCounter", 7, 8), new("PortRcvErrors", 8, 16),
        new("PortRcvRemotePhysicalErrors", 10, 16), new("PortRcvSwitchRelayErrors", 12, 16), new("PortXmitDiscards", 14, 16),
        new("PortXmitConstraintErrors", 16, 8), new("PortRcvConstraintErrors", 17, 8), new("LocalLinkIntegrityErrors", 19, 7, 4),
        new("ExcessiveBufferOverrunErrors", 19, 3, 4), new("VL15Dropped", 22, 16), new("PortXmitData", 24, 32), new("PortRcvData", 28, 32),
        new("PortXmitPkts", 32, 32), new("PortRcvPkts", 36, 32), new("PortXmitWait", 40, 32), CounterSelect2);

    /// <summary>PortCountersExtended, 72 bytes. The counter for bit i of CounterSelect is field 2 + i. IBA Vol 1 §16.1.4.11.</summary>
    public static MadFieldTable PortCountersExtended { get; } = new("PortCountersExtended", 72,
        PortSelect, CounterSelect,
        new("PortXmitData", 8, 64), new("PortRcvData", 16, 64), new("PortXmitPkts", 24, 64), new("PortRcvPkts", 32, 64),
        new("PortUnicastXmitPkts", 40, 64), new("PortUnicastRcvPkts", 48, 64), new("PortMulticastXmitPkts", 56, 64), new("PortMulticastRcvPkts", 64, 64));

    /// <summary>Bits of CounterSelect, and the fields in front of the first counter.</summary>
    public const int SelectableCounters = 16, FieldsBeforeCounters = 2;
}
