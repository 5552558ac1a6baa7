namespace Weft.Protocol.Mad.Sa;

/// <summary>A subscription to notices. IBA Vol 1 §13.4.8.3.</summary>
// 0 GID | 16 LIDRangeBegin | 18 LIDRangeEnd | 20 reserved:16 | 22 IsGeneric | 23 Subscribe | 24 Type | 26 TrapNumber or DeviceID | 28 QPN:24 resv:3 RespTime:5
// 32 reserved:8 | 33 ProducerType or VendorID:24
public readonly record struct InformInfo : ISaRecord<InformInfo>
{
    private static readonly MadField GidField = new(nameof(Gid), 0, 128, MadFieldFormat.Gid);
    private static readonly MadField LidRangeBeginField = new(nameof(LidRangeBegin), 16, 16, MadFieldFormat.Hex);
    private static readonly MadField LidRangeEndField = new(nameof(LidRangeEnd), 18, 16, MadFieldFormat.Hex);
    private static readonly MadField IsGenericField = new(nameof(IsGeneric), 22, 8);
    private static readonly MadField SubscribeField = new(nameof(Subscribe), 23, 8);
    private static readonly MadField TypeField = new(nameof(Type), 24, 16, MadFieldFormat.Hex);
    private static readonly MadField TrapNumberField = new(nameof(TrapNumber), 26, 16);
    private static readonly MadField QpnField = new(nameof(Qpn), 28, 24, MadFieldFormat.Hex);
    private static readonly MadField ResponseTimeField = new(nameof(ResponseTime), 31, 4, 5, MadFieldFormat.Time);
    private static readonly MadField ProducerTypeField = new(nameof(ProducerType), 33, 24);

    public static SaRecordTable Table { get; } = new(SaAttribute.InformInfo, Length,
        new(GidField, -1), new(LidRangeBeginField, -1), new(LidRangeEndField, -1), new(IsGenericField, -1), new(SubscribeField, -1),
        new(TypeField, -1), new(TrapNumberField, -1), new(QpnField, -1), new(ResponseTimeField, -1), new(ProducerTypeField, -1));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 36;

    private readonly SaBody body;

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

    private InformInfo(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out InformInfo record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
