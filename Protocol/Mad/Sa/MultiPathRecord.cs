using System.Diagnostics.CodeAnalysis;

namespace Weft.Protocol.Mad.Sa;

/// <summary>Request for paths from any of several ports to any of several others; the answer is PathRecords. IBA Vol 1 §15.2.5.20.</summary>
// 0 Raw:1 resv:3 FlowLabel:20 HopLimit:8 | 4 TClass | 5 Reversible:1 NumbPath:7 | 6 P_Key | 8 QoSClass:12 SL:4 | 10 MtuSel:2 Mtu:6 | 11 RateSel:2 Rate:6
// 12 LifeSel:2 Life:6 | 13 ServiceID, high byte | 14 Independence:2 | 15 SGIDCount | 16 DGIDCount | 17 ServiceID, low 56 bits | 24 GIDs
public readonly record struct MultiPathRecord : ISaRecord<MultiPathRecord>
{
    private static readonly MadField RawTrafficField = new(nameof(RawTraffic), 0, 7, 1, MadFieldFormat.Flag);
    private static readonly MadField FlowLabelField = new(nameof(FlowLabel), 0, 3, 20, MadFieldFormat.Hex);
    private static readonly MadField HopLimitField = new(nameof(HopLimit), 3, 8);
    private static readonly MadField TrafficClassField = new(nameof(TrafficClass), 4, 8);
    private static readonly MadField ReversibleField = new(nameof(Reversible), 5, 7, 1, MadFieldFormat.Flag);
    private static readonly MadField NumberOfPathsField = new(nameof(NumberOfPaths), 5, 6, 7);
    private static readonly MadField PKeyField = new(nameof(PKey), 6, 16, MadFieldFormat.Hex);
    private static readonly MadField QosClassField = new(nameof(QosClass), 8, 7, 12);
    private static readonly MadField ServiceLevelField = new(nameof(ServiceLevel), 9, 3, 4);
    private static readonly MadField MtuSelectorField = new(nameof(MtuSelector), 10, 7, 2);
    private static readonly MadField MtuField = new(nameof(Mtu), 10, 5, 6);
    private static readonly MadField RateSelectorField = new(nameof(RateSelector), 11, 7, 2);
    private static readonly MadField RateField = new(nameof(Rate), 11, 5, 6);
    private static readonly MadField LifetimeSelectorField = new(nameof(LifetimeSelector), 12, 7, 2);
    private static readonly MadField PacketLifetimeField = new(nameof(PacketLifetime), 12, 5, 6);
    private static readonly MadField ServiceIdHighField = new(nameof(ServiceIdHigh), 13, 8, MadFieldFormat.Hex);
    private static readonly MadField IndependenceField = new(nameof(Independence), 14, 7, 2);
    private static readonly MadField SourceCountField = new(nameof(SourceCount), 15, 8);
    private static readonly MadField DestinationCountField = new(nameof(DestinationCount), 16, 8);
    private static readonly MadField ServiceIdLowField = new(nameof(ServiceIdLow), 17, 56, MadFieldFormat.Hex);
    private static readonly MadField GidsField = new(nameof(Gids), 24, 1408, MadFieldFormat.Bytes);

    public static SaRecordTable Table { get; } = new(SaAttribute.MultiPathRecord, Length,
        new(RawTrafficField, 0), new(FlowLabelField, 2), new(HopLimitField, 3), new(TrafficClassField, 4), new(ReversibleField, 5),
        new(NumberOfPathsField, 6), new(PKeyField, 7), new(QosClassField, 8), new(ServiceLevelField, 9), new(MtuSelectorField, 10), new(MtuField, 11),
        new(RateSelectorField, 12), new(RateField, 13), new(LifetimeSelectorField, 14), new(PacketLifetimeField, 15), new(ServiceIdHighField, 16),
        new(IndependenceField, 17), new(SourceCountField, 19), new(DestinationCountField, 20), new(ServiceIdLowField, 21), new(GidsField, -1));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 200;

    private readonly SaBody body;

    public bool RawTraffic { get => RawTrafficField.Read(body.Bytes) != 0; init => RawTrafficField.Write(body.Writable, value ? 1u : 0); }
    public uint FlowLabel { get => (uint)FlowLabelField.Read(body.Bytes); init => FlowLabelField.Write(body.Writable, value); }
    public byte HopLimit { get => (byte)HopLimitField.Read(body.Bytes); init => HopLimitField.Write(body.Writable, value); }
    public byte TrafficClass { get => (byte)TrafficClassField.Read(body.Bytes); init => TrafficClassField.Write(body.Writable, value); }
    public bool Reversible { get => ReversibleField.Read(body.Bytes) != 0; init => ReversibleField.Write(body.Writable, value ? 1u : 0); }
    public byte NumberOfPaths { get => (byte)NumberOfPathsField.Read(body.Bytes); init => NumberOfPathsField.Write(body.Writable, value); }
    public PKey PKey { get => new((ushort)PKeyField.Read(body.Bytes)); init => PKeyField.Write(body.Writable, value.Value); }
    public ushort QosClass { get => (ushort)QosClassField.Read(body.Bytes); init => QosClassField.Write(body.Writable, value); }
    public byte ServiceLevel { get => (byte)ServiceLevelField.Read(body.Bytes); init => ServiceLevelField.Write(body.Writable, value); }
    public SaSelector MtuSelector { get => (SaSelector)MtuSelectorField.Read(body.Bytes); init => MtuSelectorField.Write(body.Writable, (ulong)value); }
    public byte Mtu { get => (byte)MtuField.Read(body.Bytes); init => MtuField.Write(body.Writable, value); }
    public SaSelector RateSelector { get => (SaSelector)RateSelectorField.Read(body.Bytes); init => RateSelectorField.Write(body.Writable, (ulong)value); }
    public byte Rate { get => (byte)RateField.Read(body.Bytes); init => RateField.Write(body.Writable, value); }
    public SaSelector LifetimeSelector { get => (SaSelector)LifetimeSelectorField.Read(body.Bytes); init => LifetimeSelectorField.Write(body.Writable, (ulong)value); }
    public byte PacketLifetime { get => (byte)PacketLifetimeField.Read(body.Bytes); init => PacketLifetimeField.Write(body.Writable, value); }
    public byte ServiceIdHigh { get => (byte)ServiceIdHighField.Read(body.Bytes); init => ServiceIdHighField.Write(body.Writable, value); }
    /// <summary>1: as independent of one another as can be.</summary>
    public byte Independence { get => (byte)IndependenceField.Read(body.Bytes); init => IndependenceField.Write(body.Writable, value); }
    public byte SourceCount { get => (byte)SourceCountField.Read(body.Bytes); init => SourceCountField.Write(body.Writable, value); }
    public byte DestinationCount { get => (byte)DestinationCountField.Read(body.Bytes); init => DestinationCountField.Write(body.Writable, value); }
    public ulong ServiceIdLow { get => ServiceIdLowField.Read(body.Bytes); init => ServiceIdLowField.Write(body.Writable, value); }
    /// <summary>The source GIDs, then the destination GIDs.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Gids => GidsField.Bytes(body.Bytes);

    private MultiPathRecord(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out MultiPathRecord record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
