using System.Diagnostics.CodeAnalysis;

namespace Weft.Protocol.Mad.Smp;

/// <summary>All there is to know and to set about a port. IBA Vol 1 §14.2.5.6.</summary>
// 0 M_Key | 8 GidPrefix | 16 LID:16 | 18 MasterSMLID:16 | 20 CapabilityMask:32 | 24 DiagCode:16 | 26 M_KeyLeasePeriod:16 | 28 LocalPortNum
// 29 LinkWidthEnabled | 30 LinkWidthSupported | 31 LinkWidthActive | 32 LinkSpeedSupported:4 PortState:4 | 33 PortPhysicalState:4 LinkDownDefaultState:4
// 34 M_KeyProtectBits:2 resv:3 LMC:3 | 35 LinkSpeedActive:4 LinkSpeedEnabled:4 | 36 NeighborMTU:4 MasterSMSL:4 | 37 VLCap:4 InitType:4 | 38 VLHighLimit
// 39 VLArbitrationHighCap | 40 VLArbitrationLowCap | 41 InitTypeReply:4 MTUCap:4 | 42 VLStallCount:3 HOQLife:5 | 43 OperationalVLs:4 PEI:1 PEO:1 FRI:1 FRO:1
// 44 M_KeyViolations:16 | 46 P_KeyViolations:16 | 48 Q_KeyViolations:16 | 50 GUIDCap | 51 ClientReregister:1 McastPKeyTrapSuppression:2 SubnetTimeOut:5
// 52 resv:3 RespTimeValue:5 | 53 LocalPhyErrors:4 OverrunErrors:4 | 54 MaxCreditHint:16 | 56 resv | 57 LinkRoundTripLatency:24 | 60 CapabilityMask2:16
// 62 LinkSpeedExtActive:4 LinkSpeedExtSupported:4 | 63 resv:3 LinkSpeedExtEnabled:5
public struct PortInfo : ISmpAttribute<PortInfo>
{
    private static readonly MadField MKeyField = new(nameof(MKey), 0, 64, MadFieldFormat.Hex);
    private static readonly MadField GidPrefixField = new(nameof(GidPrefix), 8, 64, MadFieldFormat.Hex);
    private static readonly MadField LidField = new(nameof(Lid), 16, 16, MadFieldFormat.Hex);
    private static readonly MadField MasterSmLidField = new(nameof(MasterSmLid), 18, 16, MadFieldFormat.Hex);
    private static readonly MadField CapabilitiesField = new(nameof(Capabilities), 20, 32, MadFieldFormat.Hex);
    private static readonly MadField DiagCodeField = new(nameof(DiagCode), 24, 16, MadFieldFormat.Hex);
    private static readonly MadField MKeyLeasePeriodField = new(nameof(MKeyLeasePeriod), 26, 16);
    private static readonly MadField LocalPortNumField = new(nameof(LocalPortNum), 28, 8);
    private static readonly MadField LinkWidthEnabledField = new(nameof(LinkWidthEnabled), 29, 8);
    private static readonly MadField LinkWidthSupportedField = new(nameof(LinkWidthSupported), 30, 8);
    private static readonly MadField LinkWidthActiveField = new(nameof(LinkWidthActive), 31, 8);
    private static readonly MadField LinkSpeedSupportedField = new(nameof(LinkSpeedSupported), 32, 7, 4);
    private static readonly MadField StateField = new(nameof(State), 32, 3, 4, naming: v => ((PortState)v).ToString());
    private static readonly MadField PhysicalStateField = new(nameof(PhysicalState), 33, 7, 4, naming: v => ((PortPhysicalState)v).ToString());
    private static readonly MadField LinkDownDefaultStateField = new(nameof(LinkDownDefaultState), 33, 3, 4, naming: v => ((PortPhysicalState)v).ToString());
    private static readonly MadField MKeyProtectionField = new(nameof(MKeyProtection), 34, 7, 2);
    private static readonly MadField LmcField = new(nameof(Lmc), 34, 2, 3);
    private static readonly MadField LinkSpeedActiveField = new(nameof(LinkSpeedActive), 35, 7, 4);
    private static readonly MadField LinkSpeedEnabledField = new(nameof(LinkSpeedEnabled), 35, 3, 4);
    private static readonly MadField NeighborMtuField = new(nameof(NeighborMtu), 36, 7, 4);
    private static readonly MadField MasterSmSlField = new(nameof(MasterSmSl), 36, 3, 4);
    private static readonly MadField VlCapField = new(nameof(VlCap), 37, 7, 4);
    private static readonly MadField InitTypeField = new(nameof(InitType), 37, 3, 4);
    private static readonly MadField VlHighLimitField = new(nameof(VlHighLimit), 38, 8);
    private static readonly MadField VlArbitrationHighCapField = new(nameof(VlArbitrationHighCap), 39, 8);
    private static readonly MadField VlArbitrationLowCapField = new(nameof(VlArbitrationLowCap), 40, 8);
    private static readonly MadField InitTypeReplyField = new(nameof(InitTypeReply), 41, 7, 4);
    private static readonly MadField MtuCapField = new(nameof(MtuCap), 41, 3, 4);
    private static readonly MadField VlStallCountField = new(nameof(VlStallCount), 42, 7, 3);
    private static readonly MadField HoqLifeField = new(nameof(HoqLife), 42, 4, 5, MadFieldFormat.Time);
    private static readonly MadField OperationalVlsField = new(nameof(OperationalVls), 43, 7, 4);
    private static readonly MadField PartitionEnforcementInboundField = new(nameof(PartitionEnforcementInbound), 43, 3, 1, MadFieldFormat.Flag);
    private static readonly MadField PartitionEnforcementOutboundField = new(nameof(PartitionEnforcementOutbound), 43, 2, 1, MadFieldFormat.Flag);
    private static readonly MadField FilterRawInboundField = new(nameof(FilterRawInbound), 43, 1, 1, MadFieldFormat.Flag);
    private static readonly MadField FilterRawOutboundField = new(nameof(FilterRawOutbound), 43, 0, 1, MadFieldFormat.Flag);
    private static readonly MadField MKeyViolationsField = new(nameof(MKeyViolations), 44, 16);
    private static readonly MadField PKeyViolationsField = new(nameof(PKeyViolations), 46, 16);
    private static readonly MadField QKeyViolationsField = new(nameof(QKeyViolations), 48, 16);
    private static readonly MadField GuidCapField = new(nameof(GuidCap), 50, 8);
    private static readonly MadField ClientReregisterField = new(nameof(ClientReregister), 51, 7, 1, MadFieldFormat.Flag);
    private static readonly MadField MulticastPKeyTrapSuppressionField = new(nameof(MulticastPKeyTrapSuppression), 51, 6, 2);
    private static readonly MadField SubnetTimeoutField = new(nameof(SubnetTimeout), 51, 4, 5, MadFieldFormat.Time);
    private static readonly MadField RespTimeValueField = new(nameof(RespTimeValue), 52, 4, 5, MadFieldFormat.Time);
    private static readonly MadField LocalPhyErrorsField = new(nameof(LocalPhyErrors), 53, 7, 4);
    private static readonly MadField OverrunErrorsField = new(nameof(OverrunErrors), 53, 3, 4);
    private static readonly MadField MaxCreditHintField = new(nameof(MaxCreditHint), 54, 16);
    private static readonly MadField LinkRoundTripLatencyField = new(nameof(LinkRoundTripLatency), 57, 24);
    private static readonly MadField Capabilities2Field = new(nameof(Capabilities2), 60, 16, MadFieldFormat.Hex);
    private static readonly MadField LinkSpeedExtActiveField = new(nameof(LinkSpeedExtActive), 62, 7, 4);
    private static readonly MadField LinkSpeedExtSupportedField = new(nameof(LinkSpeedExtSupported), 62, 3, 4);
    private static readonly MadField LinkSpeedExtEnabledField = new(nameof(LinkSpeedExtEnabled), 63, 4, 5);

    public static MadFieldTable Table { get; } = new("PortInfo", SmpData.Length,
        MKeyField, GidPrefixField, LidField, MasterSmLidField, CapabilitiesField, DiagCodeField, MKeyLeasePeriodField, LocalPortNumField,
        LinkWidthEnabledField, LinkWidthSupportedField, LinkWidthActiveField, LinkSpeedSupportedField, StateField, PhysicalStateField,
        LinkDownDefaultStateField, MKeyProtectionField, LmcField, LinkSpeedActiveField, LinkSpeedEnabledField, NeighborMtuField,
        MasterSmSlField, VlCapField, InitTypeField, VlHighLimitField, VlArbitrationHighCapField, VlArbitrationLowCapField,
        InitTypeReplyField, MtuCapField, VlStallCountField, HoqLifeField, OperationalVlsField, PartitionEnforcementInboundField,
        PartitionEnforcementOutboundField, FilterRawInboundField, FilterRawOutboundField, MKeyViolationsField, PKeyViolationsField,
        QKeyViolationsField, GuidCapField, ClientReregisterField, MulticastPKeyTrapSuppressionField, SubnetTimeoutField,
        RespTimeValueField, LocalPhyErrorsField, OverrunErrorsField, MaxCreditHintField, LinkRoundTripLatencyField, Capabilities2Field,
        LinkSpeedExtActiveField, LinkSpeedExtSupportedField, LinkSpeedExtEnabledField);

    public static SmpAttribute Attribute => SmpAttribute.PortInfo;

    private SmpData data;

    public ulong MKey { readonly get => MKeyField.Read(data.Bytes); set => MKeyField.Write(data.Writable, value); }
    public ulong GidPrefix { readonly get => GidPrefixField.Read(data.Bytes); set => GidPrefixField.Write(data.Writable, value); }
    /// <summary>Base LID.</summary>
    public Lid Lid { readonly get => new((ushort)LidField.Read(data.Bytes)); set => LidField.Write(data.Writable, value.Value); }
    /// <summary>LID of the port that the master subnet manager runs on.</summary>
    public Lid MasterSmLid { readonly get => new((ushort)MasterSmLidField.Read(data.Bytes)); set => MasterSmLidField.Write(data.Writable, value.Value); }
    public PortCapabilities Capabilities { readonly get => (PortCapabilities)CapabilitiesField.Read(data.Bytes); set => CapabilitiesField.Write(data.Writable, (ulong)value); }
    public ushort DiagCode { readonly get => (ushort)DiagCodeField.Read(data.Bytes); set => DiagCodeField.Write(data.Writable, value); }
    /// <summary>Seconds that a wrong M_Key may come until protection ends; 0: never ends.</summary>
    public ushort MKeyLeasePeriod { readonly get => (ushort)MKeyLeasePeriodField.Read(data.Bytes); set => MKeyLeasePeriodField.Write(data.Writable, value); }
    /// <summary>Port by which the question came in.</summary>
    public byte LocalPortNum { readonly get => (byte)LocalPortNumField.Read(data.Bytes); set => LocalPortNumField.Write(data.Writable, value); }
    /// <summary>Bits: 1 1x, 2 4x, 4 8x, 8 12x, 16 2x.</summary>
    public byte LinkWidthEnabled { readonly get => (byte)LinkWidthEnabledField.Read(data.Bytes); set => LinkWidthEnabledField.Write(data.Writable, value); }
    public byte LinkWidthSupported { readonly get => (byte)LinkWidthSupportedField.Read(data.Bytes); set => LinkWidthSupportedField.Write(data.Writable, value); }
    public byte LinkWidthActive { readonly get => (byte)LinkWidthActiveField.Read(data.Bytes); set => LinkWidthActiveField.Write(data.Writable, value); }
    /// <summary>Bits: 1 SDR, 2 DDR, 4 QDR.</summary>
    public byte LinkSpeedSupported { readonly get => (byte)LinkSpeedSupportedField.Read(data.Bytes); set => LinkSpeedSupportedField.Write(data.Writable, value); }
    public PortState State { readonly get => (PortState)StateField.Read(data.Bytes); set => StateField.Write(data.Writable, (ulong)value); }
    public PortPhysicalState PhysicalState { readonly get => (PortPhysicalState)PhysicalStateField.Read(data.Bytes); set => PhysicalStateField.Write(data.Writable, (ulong)value); }
    public PortPhysicalState LinkDownDefaultState { readonly get => (PortPhysicalState)LinkDownDefaultStateField.Read(data.Bytes); set => LinkDownDefaultStateField.Write(data.Writable, (ulong)value); }
    public byte MKeyProtection { readonly get => (byte)MKeyProtectionField.Read(data.Bytes); set => MKeyProtectionField.Write(data.Writable, value); }
    /// <summary>The port answers to 2^LMC LIDs from its base LID on.</summary>
    public byte Lmc { readonly get => (byte)LmcField.Read(data.Bytes); set => LmcField.Write(data.Writable, value); }
    public byte LinkSpeedActive { readonly get => (byte)LinkSpeedActiveField.Read(data.Bytes); set => LinkSpeedActiveField.Write(data.Writable, value); }
    public byte LinkSpeedEnabled { readonly get => (byte)LinkSpeedEnabledField.Read(data.Bytes); set => LinkSpeedEnabledField.Write(data.Writable, value); }
    /// <summary>Code: 1 256 bytes to 5 4096 bytes.</summary>
    public byte NeighborMtu { readonly get => (byte)NeighborMtuField.Read(data.Bytes); set => NeighborMtuField.Write(data.Writable, value); }
    public byte MasterSmSl { readonly get => (byte)MasterSmSlField.Read(data.Bytes); set => MasterSmSlField.Write(data.Writable, value); }
    /// <summary>Code: 1 VL0, 2 VL0-1, 3 VL0-3, 4 VL0-7, 5 VL0-14.</summary>
    public byte VlCap { readonly get => (byte)VlCapField.Read(data.Bytes); set => VlCapField.Write(data.Writable, value); }
    public byte InitType { readonly get => (byte)InitTypeField.Read(data.Bytes); set => InitTypeField.Write(data.Writable, value); }
    public byte VlHighLimit { readonly get => (byte)VlHighLimitField.Read(data.Bytes); set => VlHighLimitField.Write(data.Writable, value); }
    public byte VlArbitrationHighCap { readonly get => (byte)VlArbitrationHighCapField.Read(data.Bytes); set => VlArbitrationHighCapField.Write(data.Writable, value); }
    public byte VlArbitrationLowCap { readonly get => (byte)VlArbitrationLowCapField.Read(data.Bytes); set => VlArbitrationLowCapField.Write(data.Writable, value); }
    public byte InitTypeReply { readonly get => (byte)InitTypeReplyField.Read(data.Bytes); set => InitTypeReplyField.Write(data.Writable, value); }
    public byte MtuCap { readonly get => (byte)MtuCapField.Read(data.Bytes); set => MtuCapField.Write(data.Writable, value); }
    public byte VlStallCount { readonly get => (byte)VlStallCountField.Read(data.Bytes); set => VlStallCountField.Write(data.Writable, value); }
    public byte HoqLife { readonly get => (byte)HoqLifeField.Read(data.Bytes); set => HoqLifeField.Write(data.Writable, value); }
    /// <summary>Coded as VlCap.</summary>
    public byte OperationalVls { readonly get => (byte)OperationalVlsField.Read(data.Bytes); set => OperationalVlsField.Write(data.Writable, value); }
    public bool PartitionEnforcementInbound { readonly get => PartitionEnforcementInboundField.Read(data.Bytes) != 0; set => PartitionEnforcementInboundField.Write(data.Writable, value ? 1UL : 0); }
    public bool PartitionEnforcementOutbound { readonly get => PartitionEnforcementOutboundField.Read(data.Bytes) != 0; set => PartitionEnforcementOutboundField.Write(data.Writable, value ? 1UL : 0); }
    public bool FilterRawInbound { readonly get => FilterRawInboundField.Read(data.Bytes) != 0; set => FilterRawInboundField.Write(data.Writable, value ? 1UL : 0); }
    public bool FilterRawOutbound { readonly get => FilterRawOutboundField.Read(data.Bytes) != 0; set => FilterRawOutboundField.Write(data.Writable, value ? 1UL : 0); }
    public ushort MKeyViolations { readonly get => (ushort)MKeyViolationsField.Read(data.Bytes); set => MKeyViolationsField.Write(data.Writable, value); }
    public ushort PKeyViolations { readonly get => (ushort)PKeyViolationsField.Read(data.Bytes); set => PKeyViolationsField.Write(data.Writable, value); }
    public ushort QKeyViolations { readonly get => (ushort)QKeyViolationsField.Read(data.Bytes); set => QKeyViolationsField.Write(data.Writable, value); }
    /// <summary>Entries of the GUID table.</summary>
    public byte GuidCap { readonly get => (byte)GuidCapField.Read(data.Bytes); set => GuidCapField.Write(data.Writable, value); }
    public bool ClientReregister { readonly get => ClientReregisterField.Read(data.Bytes) != 0; set => ClientReregisterField.Write(data.Writable, value ? 1UL : 0); }
    public byte MulticastPKeyTrapSuppression { readonly get => (byte)MulticastPKeyTrapSuppressionField.Read(data.Bytes); set => MulticastPKeyTrapSuppressionField.Write(data.Writable, value); }
    public byte SubnetTimeout { readonly get => (byte)SubnetTimeoutField.Read(data.Bytes); set => SubnetTimeoutField.Write(data.Writable, value); }
    public byte RespTimeValue { readonly get => (byte)RespTimeValueField.Read(data.Bytes); set => RespTimeValueField.Write(data.Writable, value); }
    public byte LocalPhyErrors { readonly get => (byte)LocalPhyErrorsField.Read(data.Bytes); set => LocalPhyErrorsField.Write(data.Writable, value); }
    public byte OverrunErrors { readonly get => (byte)OverrunErrorsField.Read(data.Bytes); set => OverrunErrorsField.Write(data.Writable, value); }
    public ushort MaxCreditHint { readonly get => (ushort)MaxCreditHintField.Read(data.Bytes); set => MaxCreditHintField.Write(data.Writable, value); }
    public uint LinkRoundTripLatency { readonly get => (uint)LinkRoundTripLatencyField.Read(data.Bytes); set => LinkRoundTripLatencyField.Write(data.Writable, value); }
    public ushort Capabilities2 { readonly get => (ushort)Capabilities2Field.Read(data.Bytes); set => Capabilities2Field.Write(data.Writable, value); }
    /// <summary>Code as bits: 1 FDR, 2 EDR, 4 HDR, 8 NDR.</summary>
    public byte LinkSpeedExtActive { readonly get => (byte)LinkSpeedExtActiveField.Read(data.Bytes); set => LinkSpeedExtActiveField.Write(data.Writable, value); }
    public byte LinkSpeedExtSupported { readonly get => (byte)LinkSpeedExtSupportedField.Read(data.Bytes); set => LinkSpeedExtSupportedField.Write(data.Writable, value); }
    public byte LinkSpeedExtEnabled { readonly get => (byte)LinkSpeedExtEnabledField.Read(data.Bytes); set => LinkSpeedExtEnabledField.Write(data.Writable, value); }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => data.Bytes;

    [UnscopedRef]
    public Span<byte> Writable => data.Writable;

    public static bool TryRead(ReadOnlySpan<byte> source, out PortInfo attribute)
    {
        attribute = default;
        return SmpData.TryRead(source, out attribute.data);
    }

    public readonly void Write(Span<byte> target) => data.Bytes.CopyTo(target);
    public override readonly string ToString() => Table.Print(data.Bytes);
}
