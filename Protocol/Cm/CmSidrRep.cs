using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Service ID resolution response. IBA Vol 1 §12.11.2.</summary>
// 0 RequestID | 4 Status | 5 InfoLength | 6 resv:16 | 8 QPN:24 resv:8 | 12 ServiceID:64 | 20 QKey | 24 Info, 72 bytes | 96 private data
public readonly record struct CmSidrRep : ICmMessage<CmSidrRep>
{
    private static readonly MadField RequestIdField = new(nameof(RequestId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField StatusField = new(nameof(Status), 4, 8, naming: v => ((CmSidrStatus)v).ToString());
    private static readonly MadField InfoLengthField = new(nameof(InfoLength), 5, 8);
    private static readonly MadField QpnField = new(nameof(Qpn), 8, 24, MadFieldFormat.Hex);
    private static readonly MadField ServiceIdField = new(nameof(ServiceId), 12, 64, MadFieldFormat.Hex, naming: v => new ServiceId(v).ToString());
    private static readonly MadField QKeyField = new(nameof(QKey), 20, 32, MadFieldFormat.Hex);
    private static readonly MadField InfoField = new(nameof(Info), 24, 576, MadFieldFormat.Bytes);
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 96, 1088, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("SIDR_REP", CmBody.Length,
        RequestIdField, StatusField, InfoLengthField, QpnField, ServiceIdField, QKeyField, InfoField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.SidrRep;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 136;

    private readonly CmBody body;

    public uint RequestId { get => (uint)RequestIdField.Read(body.Bytes); init => RequestIdField.Write(body.Writable, value); }
    public CmSidrStatus Status { get => (CmSidrStatus)StatusField.Read(body.Bytes); init => StatusField.Write(body.Writable, (ulong)value); }
    public byte InfoLength { get => (byte)InfoLengthField.Read(body.Bytes); init => InfoLengthField.Write(body.Writable, value); }
    public Qpn Qpn { get => new((uint)QpnField.Read(body.Bytes)); init => QpnField.Write(body.Writable, value.Value); }
    public ServiceId ServiceId { get => new(ServiceIdField.Read(body.Bytes)); init => ServiceIdField.Write(body.Writable, value.Value); }
    public QKey QKey { get => new((uint)QKeyField.Read(body.Bytes)); init => QKeyField.Write(body.Writable, value.Value); }
    /// <summary>Additional information.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Info => InfoField.Bytes(body.Bytes);
    /// <summary>All 136 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmSidrRep WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "SIDR_REP private data");
        return new(changed);
    }

    private CmSidrRep(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmSidrRep message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
