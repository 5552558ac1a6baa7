using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Alternate path response. IBA Vol 1 §12.8.2.</summary>
// 0 LocalCommID | 4 RemoteCommID | 8 InfoLength | 9 Status | 10 resv:16 | 12 Info, 72 bytes | 84 private data
public readonly record struct CmApr : ICmMessage<CmApr>
{
    private static readonly MadField LocalCommIdField = new(nameof(LocalCommId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField RemoteCommIdField = new(nameof(RemoteCommId), 4, 32, MadFieldFormat.Hex);
    private static readonly MadField InfoLengthField = new(nameof(InfoLength), 8, 8);
    private static readonly MadField StatusField = new(nameof(Status), 9, 8, naming: v => ((CmAprStatus)v).ToString());
    private static readonly MadField InfoField = new(nameof(Info), 12, 576, MadFieldFormat.Bytes);
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 84, 1184, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("APR", CmBody.Length,
        LocalCommIdField, RemoteCommIdField, InfoLengthField, StatusField, InfoField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.Apr;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 148;

    private readonly CmBody body;

    public uint LocalCommId { get => (uint)LocalCommIdField.Read(body.Bytes); init => LocalCommIdField.Write(body.Writable, value); }
    public uint RemoteCommId { get => (uint)RemoteCommIdField.Read(body.Bytes); init => RemoteCommIdField.Write(body.Writable, value); }
    public byte InfoLength { get => (byte)InfoLengthField.Read(body.Bytes); init => InfoLengthField.Write(body.Writable, value); }
    public CmAprStatus Status { get => (CmAprStatus)StatusField.Read(body.Bytes); init => StatusField.Write(body.Writable, (ulong)value); }
    /// <summary>Additional information.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Info => InfoField.Bytes(body.Bytes);
    /// <summary>All 148 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmApr WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "APR private data");
        return new(changed);
    }

    /// <summary>The same message with other additional information (and its length), zero padded.</summary>
    /// <exception cref="ArgumentException">More than 72 bytes.</exception>
    public CmApr WithInfo(ReadOnlySpan<byte> info)
    {
        var changed = body;
        CmBody.Fill(InfoField.Bytes(changed.Writable), info, "APR additional information");
        InfoLengthField.Write(changed.Writable, (ulong)info.Length);
        return new(changed);
    }

    private CmApr(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmApr message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
