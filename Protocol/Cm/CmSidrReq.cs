using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Service ID resolution request: asks for the QPN and Q_Key of a datagram service. IBA Vol 1 §12.11.1.</summary>
// 0 RequestID | 4 PKey | 6 resv:16 | 8 ServiceID:64 | 16 private data
public readonly record struct CmSidrReq : ICmMessage<CmSidrReq>
{
    private static readonly MadField RequestIdField = new(nameof(RequestId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField PKeyField = new(nameof(PKey), 4, 16, MadFieldFormat.Hex);
    private static readonly MadField ServiceIdField = new(nameof(ServiceId), 8, 64, MadFieldFormat.Hex, naming: v => new ServiceId(v).ToString());
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 16, 1728, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("SIDR_REQ", CmBody.Length,
        RequestIdField, PKeyField, ServiceIdField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.SidrReq;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 216;

    private readonly CmBody body;

    public uint RequestId { get => (uint)RequestIdField.Read(body.Bytes); init => RequestIdField.Write(body.Writable, value); }
    public PKey PKey { get => new((ushort)PKeyField.Read(body.Bytes)); init => PKeyField.Write(body.Writable, value.Value); }
    public ServiceId ServiceId { get => new(ServiceIdField.Read(body.Bytes)); init => ServiceIdField.Write(body.Writable, value.Value); }
    /// <summary>All 216 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmSidrReq WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "SIDR_REQ private data");
        return new(changed);
    }

    private CmSidrReq(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmSidrReq message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
