namespace Weft.Protocol.Mad.Sa;

/// <summary>A subscription, as the SA lists it. IBA Vol 1 §15.2.5.12.</summary>
// 0 SubscriberGID | 16 SubscriberEnum | 18 reserved:48 | 24 InformInfo
public readonly record struct InformInfoRecord : ISaRecord<InformInfoRecord>
{
    private static readonly MadField SubscriberGidField = new(nameof(SubscriberGid), 0, 128, MadFieldFormat.Gid);
    private static readonly MadField SubscriberEnumField = new(nameof(SubscriberEnum), 16, 16);
    private static readonly MadField GidField = new(nameof(Gid), 24, 128, MadFieldFormat.Gid);
    private static readonly MadField LidRangeBeginField = new(nameof(LidRangeBegin), 40, 16, MadFieldFormat.Hex);
    private static readonly MadField LidRangeEndField = new(nameof(LidRangeEnd), 42, 16, MadFieldFormat.Hex);
    private static readonly MadField IsGenericField = new(nameof(IsGeneric), 46, 8);
    private static readonly MadField SubscribeField = new(nameof(Subscribe), 47, 8);
    private static readonly MadField TypeField = new(nameof(Type), 48, 16, MadFieldFormat.Hex);
    private static readonly MadField TrapNumberField = new(nameof(TrapNumber), 50, 16);
    private static readonly MadField QpnField = new(nameof(Qpn), 52, 24, MadFieldFormat.Hex);
    private static readonly MadField ResponseTimeField = new(nameof(ResponseTime), 55, 4, 5, MadFieldFormat.Time);
    private static readonly MadField ProducerTypeField = new(nameof(ProducerType), 57, 24);

    public static SaRecordTable Table { get; } = new(SaAttribute.InformInfoRecord, Length,
        new(SubscriberGidField, 0), new(SubscriberEnumField, 1), new(GidField, 3), new(LidRangeBeginField, 4), new(LidRangeEndField, 5),
        new(IsGenericField, 7), new(SubscribeField, 8), new(TypeField, 9), new(TrapNumberField, 10), new(QpnField, 11), new(ResponseTimeField, 13),
        new(ProducerTypeField, 15));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 60;

    private readonly SaBody body;

    public Gid SubscriberGid { get => Gid.Read(SubscriberGidField.Bytes(body.Bytes)); init => value.Write(SubscriberGidField.Bytes(body.Writable)); }
    public ushort SubscriberEnum { get => (ushort)SubscriberEnumField.Read(body.Bytes); init => SubscriberEnumField.Write(body.Writable, value); }
    public Gid Gid { get => Gid.Read(GidField.Bytes(body.Bytes)); init => value.Write(GidField.Bytes(body.Writable)); }
    /// <summary>0xFFFF: traps of every port.</summary>
    public Lid LidRangeBegin { get => new((ushort)LidRangeBeginField.Read(body.Bytes)); init => LidRangeBeginField.Write(body.Writable, value.Value); }
    public Lid LidRangeEnd { get => new((ushort)LidRangeEndField.Read(body.Bytes)); init => LidRangeEndField.Write(body.Writable, value.Value); }
    public byte IsGeneric { get => (byte)IsGenericField.Read(body.Bytes); init => IsGenericField.Write(body.Writable, value); }
    /// <summary>1 subscribes, 0 ends the subscription.</summary>
    public byte Subscribe { get => (byte)SubscribeField.Read(body.Bytes); init => SubscribeField.Write(body.Writable, value); }
    /// <summary>Kind of notice, 0xFFFF for every one.</summary>
    public ushort Type { get => (ushort)TypeField.Read(body.Bytes); init => TypeField.Write(body.Writable, value); }
    /// <summary>Trap, 0xFFFF for every one; device id of a vendor trap.</summary>
    public ushort TrapNumber { get => (ushort)TrapNumberField.Read(body.Bytes); init => TrapNumberField.Write(body.Writable, value); }
    /// <summary>Where reports go to when a subscription is ended; otherwise to the subscriber's QP.</summary>
    public Qpn Qpn { get => new((uint)QpnField.Read(body.Bytes)); init => QpnField.Write(body.Writable, value.Value); }
    public byte ResponseTime { get => (byte)ResponseTimeField.Read(body.Bytes); init => ResponseTimeField.Write(body.Writable, value); }
    /// <summary>1 channel adapter, 2 switch, 3 router, 4 manager, 0xFFFFFF any; vendor id of a vendor trap.</summary>
    public uint ProducerType { get => (uint)ProducerTypeField.Read(body.Bytes); init => ProducerTypeField.Write(body.Writable, value); }

    private InformInfoRecord(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out InformInfoRecord record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
