namespace Weft.Protocol.Mad.Sa;

/// <summary>How one port reaches another. IBA Vol 1 §15.2.5.16.</summary>
// 0 ServiceID:64 | 8 DGID | 24 SGID | 40 DLID | 42 SLID | 44 Raw:1 resv:3 FlowLabel:20 HopLimit:8 | 48 TClass | 49 Reversible:1 NumbPath:7
// 50 P_Key | 52 QoSClass:12 SL:4 | 54 MtuSel:2 Mtu:6 | 55 RateSel:2 Rate:6 | 56 LifeSel:2 Life:6 | 57 Preference | 58 reserved:48
public readonly record struct PathRecord : ISaRecord<PathRecord>
{
    private static readonly MadField ServiceIdHighField = new(nameof(ServiceIdHigh), 0, 8, MadFieldFormat.Hex);
    private static readonly MadField ServiceIdLowField = new(nameof(ServiceIdLow), 1, 56, MadFieldFormat.Hex);
    private static readonly MadField DestinationGidField = new(nameof(DestinationGid), 8, 128, MadFieldFormat.Gid);
    private static readonly MadField SourceGidField = new(nameof(SourceGid), 24, 128, MadFieldFormat.Gid);
    private static readonly MadField DestinationLidField = new(nameof(DestinationLid), 40, 16, MadFieldFormat.Hex);
    private static readonly MadField SourceLidField = new(nameof(SourceLid), 42, 16, MadFieldFormat.Hex);
    private static readonly MadField RawTrafficField = new(nameof(RawTraffic), 44, 7, 1, MadFieldFormat.Flag);
    private static readonly MadField FlowLabelField = new(nameof(FlowLabel), 44, 3, 20, MadFieldFormat.Hex);
    private static readonly MadField HopLimitField = new(nameof(HopLimit), 47, 8);
    private static readonly MadField TrafficClassField = new(nameof(TrafficClass), 48, 8);
    private static readonly MadField ReversibleField = new(nameof(Reversible), 49, 7, 1, MadFieldFormat.Flag);
    private static readonly MadField NumberOfPathsField = new(nameof(NumberOfPaths), 49, 6, 7);
    private static readonly MadField PKeyField = new(nameof(PKey), 50, 16, MadFieldFormat.Hex);
    private static readonly MadField QosClassField = new(nameof(QosClass), 52, 7, 12);
    private static readonly MadField ServiceLevelField = new(nameof(ServiceLevel), 53, 3, 4);
    private static readonly MadField MtuSelectorField = new(nameof(MtuSelector), 54, 7, 2);
    private static readonly MadField MtuField = new(nameof(Mtu), 54, 5, 6);
    private static readonly MadField RateSelectorField = new(nameof(RateSelector), 55, 7, 2);
    private static readonly MadField RateField = new(nameof(Rate), 55, 5, 6);
    private static readonly MadField LifetimeSelectorField = new(nameof(LifetimeSelector), 56, 7, 2);
    private static readonly MadField PacketLifetimeField = new(nameof(PacketLifetime), 56, 5, 6);
    private static readonly MadField PreferenceField = new(nameof(Preference), 57, 8);

    public static SaRecordTable Table { get; } = new(SaAttribute.PathRecord, Length,
        new(ServiceIdHighField, 0), new(ServiceIdLowField, 1), new(DestinationGidField, 2), new(SourceGidField, 3), new(DestinationLidField, 4),
        new(SourceLidField, 5), new(RawTrafficField, 6), new(FlowLabelField, 8), new(HopLimitField, 9), new(TrafficClassField, 10),
        new(ReversibleField, 11), new(NumberOfPathsField, 12), new(PKeyField, 13), new(QosClassField, 14), new(ServiceLevelField, 15),
        new(MtuSelectorField, 16), new(MtuField, 17), new(RateSelectorField, 18), new(RateField, 19), new(LifetimeSelectorField, 20),
        new(PacketLifetimeField, 21), new(PreferenceField, 22));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 64;

    private readonly SaBody body;

    /// <summary>Most significant byte of the service id that quality of service goes by.</summary>
    public byte ServiceIdHigh { get => (byte)ServiceIdHighField.Read(body.Bytes); init => ServiceIdHighField.Write(body.Writable, value); }
    /// <summary>The other 56 bits of the service id.</summary>
    public ulong ServiceIdLow { get => ServiceIdLowField.Read(body.Bytes); init => ServiceIdLowField.Write(body.Writable, value); }
    public Gid DestinationGid { get => Gid.Read(DestinationGidField.Bytes(body.Bytes)); init => value.Write(DestinationGidField.Bytes(body.Writable)); }
    public Gid SourceGid { get => Gid.Read(SourceGidField.Bytes(body.Bytes)); init => value.Write(SourceGidField.Bytes(body.Writable)); }
    public Lid DestinationLid { get => new((ushort)DestinationLidField.Read(body.Bytes)); init => DestinationLidField.Write(body.Writable, value.Value); }
    public Lid SourceLid { get => new((ushort)SourceLidField.Read(body.Bytes)); init => SourceLidField.Write(body.Writable, value.Value); }
    public bool RawTraffic { get => RawTrafficField.Read(body.Bytes) != 0; init => RawTrafficField.Write(body.Writable, value ? 1u : 0); }
    public uint FlowLabel { get => (uint)FlowLabelField.Read(body.Bytes); init => FlowLabelField.Write(body.Writable, value); }
    public byte HopLimit { get => (byte)HopLimitField.Read(body.Bytes); init => HopLimitField.Write(body.Writable, value); }
    public byte TrafficClass { get => (byte)TrafficClassField.Read(body.Bytes); init => TrafficClassField.Write(body.Writable, value); }
    /// <summary>Whether the same path leads back: what every connection needs.</summary>
    public bool Reversible { get => ReversibleField.Read(body.Bytes) != 0; init => ReversibleField.Write(body.Writable, value ? 1u : 0); }
    /// <summary>Request: most paths wanted for each pair of ports.</summary>
    public byte NumberOfPaths { get => (byte)NumberOfPathsField.Read(body.Bytes); init => NumberOfPathsField.Write(body.Writable, value); }
    public PKey PKey { get => new((ushort)PKeyField.Read(body.Bytes)); init => PKeyField.Write(body.Writable, value.Value); }
    public ushort QosClass { get => (ushort)QosClassField.Read(body.Bytes); init => QosClassField.Write(body.Writable, value); }
    public byte ServiceLevel { get => (byte)ServiceLevelField.Read(body.Bytes); init => ServiceLevelField.Write(body.Writable, value); }
    public SaSelector MtuSelector { get => (SaSelector)MtuSelectorField.Read(body.Bytes); init => MtuSelectorField.Write(body.Writable, (ulong)value); }
    /// <summary>Coded MTU: 1 is 256 bytes, 5 is 4096.</summary>
    public byte Mtu { get => (byte)MtuField.Read(body.Bytes); init => MtuField.Write(body.Writable, value); }
    public SaSelector RateSelector { get => (SaSelector)RateSelectorField.Read(body.Bytes); init => RateSelectorField.Write(body.Writable, (ulong)value); }
    /// <summary>Coded rate, IBA Vol 1 §9.11.3.</summary>
    public byte Rate { get => (byte)RateField.Read(body.Bytes); init => RateField.Write(body.Writable, value); }
    public SaSelector LifetimeSelector { get => (SaSelector)LifetimeSelectorField.Read(body.Bytes); init => LifetimeSelectorField.Write(body.Writable, (ulong)value); }
    /// <summary>Coded time that a packet may be under way.</summary>
    public byte PacketLifetime { get => (byte)PacketLifetimeField.Read(body.Bytes); init => PacketLifetimeField.Write(body.Writable, value); }
    public byte Preference { get => (byte)PreferenceField.Read(body.Bytes); init => PreferenceField.Write(body.Writable, value); }

    private PathRecord(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out PathRecord record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
