using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Request for communication release. IBA Vol 1 §12.6.10.</summary>
// 0 LocalCommID | 4 RemoteCommID | 8 RemoteQPN:24 resv:8 | 12 private data
public readonly record struct CmDreq : ICmMessage<CmDreq>
{
    private static readonly MadField LocalCommIdField = new(nameof(LocalCommId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField RemoteCommIdField = new(nameof(RemoteCommId), 4, 32, MadFieldFormat.Hex);
    private static readonly MadField RemoteQpnField = new(nameof(RemoteQpn), 8, 24, MadFieldFormat.Hex);
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 12, 1760, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("DREQ", CmBody.Length,
        LocalCommIdField, RemoteCommIdField, RemoteQpnField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.Dreq;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 220;

    private readonly CmBody body;

    public uint LocalCommId { get => (uint)LocalCommIdField.Read(body.Bytes); init => LocalCommIdField.Write(body.Writable, value); }
    public uint RemoteCommId { get => (uint)RemoteCommIdField.Read(body.Bytes); init => RemoteCommIdField.Write(body.Writable, value); }
    /// <summary>QPN of the receiver; it ignores the message when this is not its own.</summary>
    public Qpn RemoteQpn { get => new((uint)RemoteQpnField.Read(body.Bytes)); init => RemoteQpnField.Write(body.Writable, value.Value); }
    /// <summary>All 220 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmDreq WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "DREQ private data");
        return new(changed);
    }

    private CmDreq(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmDreq message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
