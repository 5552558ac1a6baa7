namespace Weft.Protocol.Mad.Sa;

/// <summary>PortInfo of a port, with the LID of its node. IBA Vol 1 §15.2.5.3.</summary>
// 0 EndportLID | 2 PortNum | 3 Options | 4 PortInfo
public readonly record struct PortInfoRecord : ISaRecord<PortInfoRecord>
{
    private static readonly MadField EndportLidField = new(nameof(EndportLid), 0, 16, MadFieldFormat.Hex);
    private static readonly MadField PortField = new(nameof(Port), 2, 8);
    private static readonly MadField OptionsField = new(nameof(Options), 3, 8);
    private static readonly MadField MKeyField = new(nameof(MKey), 4, 64, MadFieldFormat.Hex);
    private static readonly MadField GidPrefixField = new(nameof(GidPrefix), 12, 64, MadFieldFormat.Hex);
    private static readonly MadField BaseLidField = new(nameof(BaseLid), 20, 16, MadFieldFormat.Hex);
    private static readonly MadField MasterSmLidField = new(nameof(MasterSmLid), 22, 16, MadFieldFormat.Hex);
    private static readonly MadField CapabilityMaskField = new(nameof(CapabilityMask), 24, 32, MadFieldFormat.Hex);
    private static readonly MadField DiagCodeField = new(nameof(DiagCode), 28, 16);
    private static readonly MadField MKeyLeaseField = new(nameof(MKeyLease), 30, 16);
    private static readonly MadField LocalPortField = new(nameof(LocalPort), 32, 8);
    private static readonly MadField LinkWidthEnabledField = new(nameof(LinkWidthEnabled), 33, 8);
    private static readonly MadField LinkWidthSupportedField = new(nameof(LinkWidthSupported), 34, 8);
    private static readonly MadField LinkWidthActiveField = new(nameof(LinkWidthActive), 35, 8);
    private static readonly MadField LinkSpeedSupportedField = new(nameof(LinkSpeedSupported), 36, 7, 4);
    private static readonly MadField PortStateField = new(nameof(PortState), 36, 3, 4);
    private static readonly MadField PhysicalStateField = new(nameof(PhysicalState), 37, 7, 4);
    private static readonly MadField LinkDownDefaultField = new(nameof(LinkDownDefault), 37, 3, 4);
    private static readonly MadField MKeyProtectField = new(nameof(MKeyProtect), 38, 7, 2);
    private static readonly MadField LmcField = new(nameof(Lmc), 38, 2, 3);
    private static readonly MadField LinkSpeedActiveField = new(nameof(LinkSpeedActive), 39, 7, 4);
    private static readonly MadField LinkSpeedEnabledField = new(nameof(LinkSpeedEnabled), 39, 3, 4);
    private static readonly MadField NeighborMtuField = new(nameof(NeighborMtu), 40, 7, 4);
    private static readonly MadField MasterSmSlField = new(nameof(MasterSmSl), 40, 3, 4);
    private static readonly MadField VlCapField = new(nameof(VlCap), 41, 7, 4);
    private static readonly MadField InitTypeField = new(nameof(InitType), 41, 3, 4);
    private static readonly MadField VlHighLimitField = new(nameof(VlHighLimit), 42, 8);
    private static readonly MadField VlArbitrationHighCapField = new(nameof(VlArbitrationHighCap), 43, 8);
    private static readonly MadField VlArbitrationLowCapField = new(nameof(VlArbitrationLowCap), 44, 8);
    private static readonly MadField InitTypeReplyField = new(nameof(InitTypeReply), 45, 7, 4);
    private static readonly MadField MtuCapField = new(nameof(MtuCap), 45, 3, 4);
    private static readonly MadField VlStallCountField = new(nameof(VlStallCount), 46, 7, 3);
    private static readonly MadField HoqLifeField = new(nameof(HoqLife), 46, 4, 5);
    private static readonly MadField OperationalVlsField = new(nameof(OperationalVls), 47, 7, 4);
    private static readonly MadField PartitionEnforcementInField = new(nameof(PartitionEnforcementIn), 47, 3, 1, MadFieldFormat.Flag);
    private static readonly MadField PartitionEnforcementOutField = new(nameof(PartitionEnforcementOut), 47, 2, 1, MadFieldFormat.Flag);
    private static readonly MadField FilterRawInField = new(nameof(FilterRawIn), 47, 1, 1, MadFieldFormat.Flag);
    private static readonly MadField FilterRawOutField = new(nameof(FilterRawOut), 47, 0, 1, MadFieldFormat.Flag);
    private static readonly MadField MKeyViolationsField = new(nameof(MKeyViolations), 48, 16);
    private static readonly MadField PKeyViolationsField = new(nameof(PKeyViolations), 50, 16);
    private static readonly MadField QKeyViolationsField = new(nameof(QKeyViolations), 52, 16);
    private static readonly MadField GuidCapField = new(nameof(GuidCap), 54, 8);
    private static readonly MadField ClientReregisterField = new(nameof(ClientReregister), 55, 7, 1, MadFieldFormat.Flag);
    private static readonly MadField SubnetTimeoutField = new(nameof(SubnetTimeout), 55, 4, 5, MadFieldFormat.Time);
    private static readonly MadField ResponseTimeField = new(nameof(ResponseTime), 56, 4, 5, MadFieldFormat.Time);
    private static readonly MadField LocalPhyErrorsField = new(nameof(LocalPhyErrors), 57, 7, 4);
    private static readonly MadField OverrunErrorsField = new(nameof(OverrunErrors), 57, 3, 4);

    public static SaRecordTable Table { get; } = new(SaAttribute.PortInfoRecord, Length,
        new(EndportLidField, 0), new(PortField, 1), new(OptionsField, 2), new(MKeyField, 3), new(GidPrefixField, 4), new(BaseLidField, 5),
        new(MasterSmLidField, 6), new(CapabilityMaskField, 7), new(DiagCodeField, 8), new(MKeyLeaseField, 9), new(LocalPortField, 10),
        new(LinkWidthEnabledField, 11), new(LinkWidthSupportedField, 12), new(LinkWidthActiveField, 13), new(LinkSpeedSupportedField, 14),
        new(PortStateField, 15), new(PhysicalStateField, 16), new(LinkDownDefaultField, 17), new(MKeyProtectField, 18), new(LmcField, 20),
        new(LinkSpeedActiveField, 21), new(LinkSpeedEnabledField, 22), new(NeighborMtuField, 23), new(MasterSmSlField, 24), new(VlCapField, 25),
        new(InitTypeField, 26), new(VlHighLimitField, 27), new(VlArbitrationHighCapField, 28), new(VlArbitrationLowCapField, 29),
        new(InitTypeReplyField, 30), new(MtuCapField, 31), new(VlStallCountField, 32), new(HoqLifeField, 33), new(OperationalVlsField, 34),
        new(PartitionEnforcementInField, 35), new(PartitionEnforcementOutField, 36), new(FilterRawInField, 37), new(FilterRawOutField, 38),
        new(MKeyViolationsField, 39), new(PKeyViolationsField, 40), new(QKeyViolationsField, 41), new(GuidCapField, 42),
        new(ClientReregisterField, 43), new(SubnetTimeoutField, 45), new(ResponseTimeField, 47), new(LocalPhyErrorsField, 48),
        new(OverrunErrorsField, 49));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 68;

    private readonly SaBody body;

    public Lid EndportLid { get => new((ushort)EndportLidField.Read(body.Bytes)); init => EndportLidField.Write(body.Writable, value.Value); }
    public byte Port { get => (byte)PortField.Read(body.Bytes); init => PortField.Write(body.Writable, value); }
    /// <summary>Bit 7: the SA is asked for extended speeds.</summary>
    public byte Options { get => (byte)OptionsField.Read(body.Bytes); init => OptionsField.Write(body.Writable, value); }
    public ulong MKey { get => MKeyField.Read(body.Bytes); init => MKeyField.Write(body.Writable, value); }
    public ulong GidPrefix { get => GidPrefixField.Read(body.Bytes); init => GidPrefixField.Write(body.Writable, value); }
    public Lid BaseLid { get => new((ushort)BaseLidField.Read(body.Bytes)); init => BaseLidField.Write(body.Writable, value.Value); }
    public Lid MasterSmLid { get => new((ushort)MasterSmLidField.Read(body.Bytes)); init => MasterSmLidField.Write(body.Writable, value.Value); }
    public uint CapabilityMask { get => (uint)CapabilityMaskField.Read(body.Bytes); init => CapabilityMaskField.Write(body.Writable, value); }
    public ushort DiagCode { get => (ushort)DiagCodeField.Read(body.Bytes); init => DiagCodeField.Write(body.Writable, value); }
    public ushort MKeyLease { get => (ushort)MKeyLeaseField.Read(body.Bytes); init => MKeyLeaseField.Write(body.Writable, value); }
    public byte LocalPort { get => (byte)LocalPortField.Read(body.Bytes); init => LocalPortField.Write(body.Writable, value); }
    public byte LinkWidthEnabled { get => (byte)LinkWidthEnabledField.Read(body.Bytes); init => LinkWidthEnabledField.Write(body.Writable, value); }
    public byte LinkWidthSupported { get => (byte)LinkWidthSupportedField.Read(body.Bytes); init => LinkWidthSupportedField.Write(body.Writable, value); }
    public byte LinkWidthActive { get => (byte)LinkWidthActiveField.Read(body.Bytes); init => LinkWidthActiveField.Write(body.Writable, value); }
    public byte LinkSpeedSupported { get => (byte)LinkSpeedSupportedField.Read(body.Bytes); init => LinkSpeedSupportedField.Write(body.Writable, value); }
    public byte PortState { get => (byte)PortStateField.Read(body.Bytes); init => PortStateField.Write(body.Writable, value); }
    public byte PhysicalState { get => (byte)PhysicalStateField.Read(body.Bytes); init => PhysicalStateField.Write(body.Writable, value); }
    public byte LinkDownDefault { get => (byte)LinkDownDefaultField.Read(body.Bytes); init => LinkDownDefaultField.Write(body.Writable, value); }
    public byte MKeyProtect { get => (byte)MKeyProtectField.Read(body.Bytes); init => MKeyProtectField.Write(body.Writable, value); }
    public byte Lmc { get => (byte)LmcField.Read(body.Bytes); init => LmcField.Write(body.Writable, value); }
    public byte LinkSpeedActive { get => (byte)LinkSpeedActiveField.Read(body.Bytes); init => LinkSpeedActiveField.Write(body.Writable, value); }
    public byte LinkSpeedEnabled { get => (byte)LinkSpeedEnabledField.Read(body.Bytes); init => LinkSpeedEnabledField.Write(body.Writable, value); }
    public byte NeighborMtu { get => (byte)NeighborMtuField.Read(body.Bytes); init => NeighborMtuField.Write(body.Writable, value); }
    public byte MasterSmSl { get => (byte)MasterSmSlField.Read(body.Bytes); init => MasterSmSlField.Write(body.Writable, value); }
    public byte VlCap { get => (byte)VlCapField.Read(body.Bytes); init => VlCapField.Write(body.Writable, value); }
    public byte InitType { get => (byte)InitTypeField.Read(body.Bytes); init => InitTypeField.Write(body.Writable, value); }
    public byte VlHighLimit { get => (byte)VlHighLimitField.Read(body.Bytes); init => VlHighLimitField.Write(body.Writable, value); }
    public byte VlArbitrationHighCap { get => (byte)VlArbitrationHighCapField.Read(body.Bytes); init => VlArbitrationHighCapField.Write(body.Writable, value); }
    public byte VlArbitrationLowCap { get => (byte)VlArbitrationLowCapField.Read(body.Bytes); init => VlArbitrationLowCapField.Write(body.Writable, value); }
    public byte InitTypeReply { get => (byte)InitTypeReplyField.Read(body.Bytes); init => InitTypeReplyField.Write(body.Writable, value); }
    public byte MtuCap { get => (byte)MtuCapField.Read(body.Bytes); init => MtuCapField.Write(body.Writable, value); }
    public byte VlStallCount { get => (byte)VlStallCountField.Read(body.Bytes); init => VlStallCountField.Write(body.Writable, value); }
    public byte HoqLife { get => (byte)HoqLifeField.Read(body.Bytes); init => HoqLifeField.Write(body.Writable, value); }
    public byte OperationalVls { get => (byte)OperationalVlsField.Read(body.Bytes); init => OperationalVlsField.Write(body.Writable, value); }
    public bool PartitionEnforcementIn { get => PartitionEnforcementInField.Read(body.Bytes) != 0; init => PartitionEnforcementInField.Write(body.Writable, value ? 1u : 0); }
    public bool PartitionEnforcementOut { get => PartitionEnforcementOutField.Read(body.Bytes) != 0; init => PartitionEnforcementOutField.Write(body.Writable, value ? 1u : 0); }
    public bool FilterRawIn { get => FilterRawInField.Read(body.Bytes) != 0; init => FilterRawInField.Write(body.Writable, value ? 1u : 0); }
    public bool FilterRawOut { get => FilterRawOutField.Read(body.Bytes) != 0; init => FilterRawOutField.Write(body.Writable, value ? 1u : 0); }
    public ushort MKeyViolations { get => (ushort)MKeyViolationsField.Read(body.Bytes); init => MKeyViolationsField.Write(body.Writable, value); }
    public ushort PKeyViolations { get => (ushort)PKeyViolationsField.Read(body.Bytes); init => PKeyViolationsField.Write(body.Writable, value); }
    public ushort QKeyViolations { get => (ushort)QKeyViolationsField.Read(body.Bytes); init => QKeyViolationsField.Write(body.Writable, value); }
    public byte GuidCap { get => (byte)GuidCapField.Read(body.Bytes); init => GuidCapField.Write(body.Writable, value); }
    public bool ClientReregister { get => ClientReregisterField.Read(body.Bytes) != 0; init => ClientReregisterField.Write(body.Writable, value ? 1u : 0); }
    public byte SubnetTimeout { get => (byte)SubnetTimeoutField.Read(body.Bytes); init => SubnetTimeoutField.Write(body.Writable, value); }
    public byte ResponseTime { get => (byte)ResponseTimeField.Read(body.Bytes); init => ResponseTimeField.Write(body.Writable, value); }
    public byte LocalPhyErrors { get => (byte)LocalPhyErrorsField.Read(body.Bytes); init => LocalPhyErrorsField.Write(body.Writable, value); }
    public byte OverrunErrors { get => (byte)OverrunErrorsField.Read(body.Bytes); init => OverrunErrorsField.Write(body.Writable, value); }

    private PortInfoRecord(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out PortInfoRecord record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
