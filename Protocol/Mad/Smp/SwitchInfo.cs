using System.Diagnostics.CodeAnalysis;

namespace Weft.Protocol.Mad.Smp;

/// <summary>What a switch can do and how it forwards. IBA Vol 1 §14.2.5.4.</summary>
// 0 LinearFDBCap:16 | 2 RandomFDBCap:16 | 4 MulticastFDBCap:16 | 6 LinearFDBTop:16 | 8 DefaultPort | 9 DefMcastPrimary | 10 DefMcastNotPrimary
// 11 LifeTimeValue:5 PortStateChange:1 OptimizedSLtoVL:2 | 12 LIDsPerPort:16 | 14 PartitionEnforcementCap:16
// 16 InboundEnforcement:1 OutboundEnforcement:1 FilterRawIn:1 FilterRawOut:1 EnhancedPort0:1 resv:3 | 17 resv | 18 MulticastFDBTop:16
public struct SwitchInfo : ISmpAttribute<SwitchInfo>
{
    private static readonly MadField LinearFdbCapField = new(nameof(LinearFdbCap), 0, 16);
    private static readonly MadField RandomFdbCapField = new(nameof(RandomFdbCap), 2, 16);
    private static readonly MadField MulticastFdbCapField = new(nameof(MulticastFdbCap), 4, 16);
    private static readonly MadField LinearFdbTopField = new(nameof(LinearFdbTop), 6, 16);
    private static readonly MadField DefaultPortField = new(nameof(DefaultPort), 8, 8);
    private static readonly MadField DefaultMulticastPrimaryPortField = new(nameof(DefaultMulticastPrimaryPort), 9, 8);
    private static readonly MadField DefaultMulticastNotPrimaryPortField = new(nameof(DefaultMulticastNotPrimaryPort), 10, 8);
    private static readonly MadField LifeTimeValueField = new(nameof(LifeTimeValue), 11, 7, 5, MadFieldFormat.Time);
    private static readonly MadField PortStateChangeField = new(nameof(PortStateChange), 11, 2, 1, MadFieldFormat.Flag);
    private static readonly MadField OptimizedSlToVlField = new(nameof(OptimizedSlToVl), 11, 1, 2);
    private static readonly MadField LidsPerPortField = new(nameof(LidsPerPort), 12, 16);
    private static readonly MadField PartitionEnforcementCapField = new(nameof(PartitionEnforcementCap), 14, 16);
    private static readonly MadField InboundEnforcementCapField = new(nameof(InboundEnforcementCap), 16, 7, 1, MadFieldFormat.Flag);
    private static readonly MadField OutboundEnforcementCapField = new(nameof(OutboundEnforcementCap), 16, 6, 1, MadFieldFormat.Flag);
    private static readonly MadField FilterRawInboundCapField = new(nameof(FilterRawInboundCap), 16, 5, 1, MadFieldFormat.Flag);
    private static readonly MadField FilterRawOutboundCapField = new(nameof(FilterRawOutboundCap), 16, 4, 1, MadFieldFormat.Flag);
    private static readonly MadField EnhancedPort0Field = new(nameof(EnhancedPort0), 16, 3, 1, MadFieldFormat.Flag);
    private static readonly MadField MulticastFdbTopField = new(nameof(MulticastFdbTop), 18, 16, MadFieldFormat.Hex);

    public static MadFieldTable Table { get; } = new("SwitchInfo", SmpData.Length,
        LinearFdbCapField, RandomFdbCapField, MulticastFdbCapField, LinearFdbTopField, DefaultPortField,
        DefaultMulticastPrimaryPortField, DefaultMulticastNotPrimaryPortField, LifeTimeValueField, PortStateChangeField,
        OptimizedSlToVlField, LidsPerPortField, PartitionEnforcementCapField, InboundEnforcementCapField, OutboundEnforcementCapField,
        FilterRawInboundCapField, FilterRawOutboundCapField, EnhancedPort0Field, MulticastFdbTopField);

    public static SmpAttribute Attribute => SmpAttribute.SwitchInfo;

    private SmpData data;

    /// <summary>Entries of the linear forwarding table; LIDs from there up cannot be forwarded.</summary>
    public ushort LinearFdbCap { readonly get => (ushort)LinearFdbCapField.Read(data.Bytes); set => LinearFdbCapField.Write(data.Writable, value); }
    public ushort RandomFdbCap { readonly get => (ushort)RandomFdbCapField.Read(data.Bytes); set => RandomFdbCapField.Write(data.Writable, value); }
    /// <summary>Entries of the multicast forwarding table; 0: no multicast.</summary>
    public ushort MulticastFdbCap { readonly get => (ushort)MulticastFdbCapField.Read(data.Bytes); set => MulticastFdbCapField.Write(data.Writable, value); }
    /// <summary>Highest LID that is forwarded.</summary>
    public ushort LinearFdbTop { readonly get => (ushort)LinearFdbTopField.Read(data.Bytes); set => LinearFdbTopField.Write(data.Writable, value); }
    public byte DefaultPort { readonly get => (byte)DefaultPortField.Read(data.Bytes); set => DefaultPortField.Write(data.Writable, value); }
    public byte DefaultMulticastPrimaryPort { readonly get => (byte)DefaultMulticastPrimaryPortField.Read(data.Bytes); set => DefaultMulticastPrimaryPortField.Write(data.Writable, value); }
    public byte DefaultMulticastNotPrimaryPort { readonly get => (byte)DefaultMulticastNotPrimaryPortField.Read(data.Bytes); set => DefaultMulticastNotPrimaryPortField.Write(data.Writable, value); }
    /// <summary>Coded time that a packet may wait in the switch.</summary>
    public byte LifeTimeValue { readonly get => (byte)LifeTimeValueField.Read(data.Bytes); set => LifeTimeValueField.Write(data.Writable, value); }
    /// <summary>A port changed state; writing 1 clears it.</summary>
    public bool PortStateChange { readonly get => PortStateChangeField.Read(data.Bytes) != 0; set => PortStateChangeField.Write(data.Writable, value ? 1UL : 0); }
    public byte OptimizedSlToVl { readonly get => (byte)OptimizedSlToVlField.Read(data.Bytes); set => OptimizedSlToVlField.Write(data.Writable, value); }
    public ushort LidsPerPort { readonly get => (ushort)LidsPerPortField.Read(data.Bytes); set => LidsPerPortField.Write(data.Writable, value); }
    /// <summary>P_Key entries of an external port; 0: it has no table and enforces nothing.</summary>
    public ushort PartitionEnforcementCap { readonly get => (ushort)PartitionEnforcementCapField.Read(data.Bytes); set => PartitionEnforcementCapField.Write(data.Writable, value); }
    public bool InboundEnforcementCap { readonly get => InboundEnforcementCapField.Read(data.Bytes) != 0; set => InboundEnforcementCapField.Write(data.Writable, value ? 1UL : 0); }
    public bool OutboundEnforcementCap { readonly get => OutboundEnforcementCapField.Read(data.Bytes) != 0; set => OutboundEnforcementCapField.Write(data.Writable, value ? 1UL : 0); }
    public bool FilterRawInboundCap { readonly get => FilterRawInboundCapField.Read(data.Bytes) != 0; set => FilterRawInboundCapField.Write(data.Writable, value ? 1UL : 0); }
    public bool FilterRawOutboundCap { readonly get => FilterRawOutboundCapField.Read(data.Bytes) != 0; set => FilterRawOutboundCapField.Write(data.Writable, value ? 1UL : 0); }
    public bool EnhancedPort0 { readonly get => EnhancedPort0Field.Read(data.Bytes) != 0; set => EnhancedPort0Field.Write(data.Writable, value ? 1UL : 0); }
    /// <summary>Highest multicast LID that is forwarded.</summary>
    public ushort MulticastFdbTop { readonly get => (ushort)MulticastFdbTopField.Read(data.Bytes); set => MulticastFdbTopField.Write(data.Writable, value); }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => data.Bytes;

    [UnscopedRef]
    public Span<byte> Writable => data.Writable;

    public static bool TryRead(ReadOnlySpan<byte> source, out SwitchInfo attribute)
    {
        attribute = default;
        return SmpData.TryRead(source, out attribute.data);
    }

    public readonly void Write(Span<byte> target) => data.Bytes.CopyTo(target);
    public override readonly string ToString() => Table.Print(data.Bytes);
}
