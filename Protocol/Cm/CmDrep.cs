using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Reply to a DREQ. IBA Vol 1 §12.6.11.</summary>
// 0 LocalCommID | 4 RemoteCommID | 8 private data
public readonly record struct CmDrep : ICmMessage<CmDrep>
{
    private static readonly MadField LocalCommIdField = new(nameof(LocalCommId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField RemoteCommIdField = new(nameof(RemoteCommId), 4, 32, MadFieldFormat.Hex);
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 8, 1792, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("DREP", CmBody.Length,
        LocalCommIdField, RemoteCommIdField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.Drep;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 224;

    private readonly CmBody body;

    public uint LocalCommId { get => (uint)LocalCommIdField.Read(body.Bytes); init => LocalCommIdField.Write(body.Writable, value); }
    public uint RemoteCommId { get => (uint)RemoteCommIdField.Read(body.Bytes); init => RemoteCommIdField.Write(body.Writable, value); }
    /// <summary>All 224 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmDrep WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "DREP private data");
        return new(changed);
    }

    private CmDrep(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmDrep message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
