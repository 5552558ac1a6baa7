namespace Weft.Protocol.Mad.Sa;

/// <summary>Membership of a port in a multicast group. IBA Vol 1 §15.2.5.17.</summary>
// 0 MGID | 16 PortGID | 32 Q_Key | 36 MLID | 38 MtuSel:2 Mtu:6 | 39 TClass | 40 P_Key | 42 RateSel:2 Rate:6 | 43 LifeSel:2 Life:6
// 44 SL:4 FlowLabel:20 HopLimit:8 | 48 Scope:4 JoinState:4 | 49 ProxyJoin:1 resv:23
public readonly record struct McMemberRecord : ISaRecord<McMemberRecord>
{
    private static readonly MadField MulticastGidField = new(nameof(MulticastGid), 0, 128, MadFieldFormat.Gid);
    private static readonly MadField PortGidField = new(nameof(PortGid), 16, 128, MadFieldFormat.Gid);
    private static readonly MadField QKeyField = new(nameof(QKey), 32, 32, MadFieldFormat.Hex);
    private static readonly MadField MulticastLidField = new(nameof(MulticastLid), 36, 16, MadFieldFormat.Hex);
    private static readonly MadField MtuSelectorField = new(nameof(MtuSelector), 38, 7, 2);
    private static readonly MadField MtuField = new(nameof(Mtu), 38, 5, 6);
    private static readonly MadField TrafficClassField = new(nameof(TrafficClass), 39, 8);
    private static readonly MadField PKeyField = new(nameof(PKey), 40, 16, MadFieldFormat.Hex);
    private static readonly MadField RateSelectorField = new(nameof(RateSelector), 42, 7, 2);
    private static readonly MadField RateField = new(nameof(Rate), 42, 5, 6);
    private static readonly MadField LifetimeSelectorField = new(nameof(LifetimeSelector), 43, 7, 2);
    private static readonly MadField PacketLifetimeField = new(nameof(PacketLifetime), 43, 5, 6);
    private static readonly MadField ServiceLevelField = new(nameof(ServiceLevel), 44, 7, 4);
    private static readonly MadField FlowLabelField = new(nameof(FlowLabel), 44, 3, 20, MadFieldFormat.Hex);
    private static readonly MadField HopLimitField = new(nameof(HopLimit), 47, 8);
    private static readonly MadField ScopeField = new(nameof(Scope), 48, 7, 4);
    private static readonly MadField JoinStateField = new(nameof(JoinState), 48, 3, 4);
    private static readonly MadField ProxyJoinField = new(nameof(ProxyJoin), 49, 7, 1, MadFieldFormat.Flag);

    public static SaRecordTable Table { get; } = new(SaAttribute.McMemberRecord, Length,
        new(MulticastGidField, 0), new(PortGidField, 1), new(QKeyField, 2), new(MulticastLidField, 3), new(MtuSelectorField, 4), new(MtuField, 5),
        new(TrafficClassField, 6), new(PKeyField, 7), new(RateSelectorField, 8), new(RateField, 9), new(LifetimeSelectorField, 10),
        new(PacketLifetimeField, 11), new(ServiceLevelField, 12), new(FlowLabelField, 13), new(HopLimitField, 14), new(ScopeField, 15),
        new(JoinStateField, 16), new(ProxyJoinField, 17));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 52;

    private readonly SaBody body;

    public Gid MulticastGid { get => Gid.Read(MulticastGidField.Bytes(body.Bytes)); init => value.Write(MulticastGidField.Bytes(body.Writable)); }
    public Gid PortGid { get => Gid.Read(PortGidField.Bytes(body.Bytes)); init => value.Write(PortGidField.Bytes(body.Writable)); }
    public QKey QKey { get => new((uint)QKeyField.Read(body.Bytes)); init => QKeyField.Write(body.Writable, value.Value); }
    public Lid MulticastLid { get => new((ushort)MulticastLidField.Read(body.Bytes)); init => MulticastLidField.Write(body.Writable, value.Value); }
    public SaSelector MtuSelector { get => (SaSelector)MtuSelectorField.Read(body.Bytes); init => MtuSelectorField.Write(body.Writable, (ulong)value); }
    public byte Mtu { get => (byte)MtuField.Read(body.Bytes); init => MtuField.Write(body.Writable, value); }
    public byte TrafficClass { get => (byte)TrafficClassField.Read(body.Bytes); init => TrafficClassField.Write(body.Writable, value); }
    public PKey PKey { get => new((ushort)PKeyField.Read(body.Bytes)); init => PKeyField.Write(body.Writable, value.Value); }
    public SaSelector RateSelector { get => (SaSelector)RateSelectorField.Read(body.Bytes); init => RateSelectorField.Write(body.Writable, (ulong)value); }
    public byte Rate { get => (byte)RateField.Read(body.Bytes); init => RateField.Write(body.Writable, value); }
    public SaSelector LifetimeSelector { get => (SaSelector)LifetimeSelectorField.Read(body.Bytes); init => LifetimeSelectorField.Write(body.Writable, (ulong)value); }
    public byte PacketLifetime { get => (byte)PacketLifetimeField.Read(body.Bytes); init => PacketLifetimeField.Write(body.Writable, value); }
    public byte ServiceLevel { get => (byte)ServiceLevelField.Read(body.Bytes); init => ServiceLevelField.Write(body.Writable, value); }
    public uint FlowLabel { get => (uint)FlowLabelField.Read(body.Bytes); init => FlowLabelField.Write(body.Writable, value); }
    public byte HopLimit { get => (byte)HopLimitField.Read(body.Bytes); init => HopLimitField.Write(body.Writable, value); }
    public byte Scope { get => (byte)ScopeField.Read(body.Bytes); init => ScopeField.Write(body.Writable, value); }
    /// <summary>1 full member, 2 non-member, 4 send only: bits.</summary>
    public byte JoinState { get => (byte)JoinStateField.Read(body.Bytes); init => JoinStateField.Write(body.Writable, value); }
    public bool ProxyJoin { get => ProxyJoinField.Read(body.Bytes) != 0; init => ProxyJoinField.Write(body.Writable, value ? 1u : 0); }

    private McMemberRecord(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out McMemberRecord record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
