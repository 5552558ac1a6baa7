using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Reject. IBA Vol 1 §12.6.7.</summary>
// 0 LocalCommID (0 when none was made) | 4 RemoteCommID | 8 MessageRejected:2 resv:6 | 9 InfoLength:7 resv:1 | 10 Reason:16 | 12 Info, 72 bytes | 84 private data
public readonly record struct CmRej : ICmMessage<CmRej>
{
    private static readonly MadField LocalCommIdField = new(nameof(LocalCommId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField RemoteCommIdField = new(nameof(RemoteCommId), 4, 32, MadFieldFormat.Hex);
    private static readonly MadField MessageField = new(nameof(Message), 8, 7, 2, naming: v => ((CmMessageRef)v).ToString());
    private static readonly MadField InfoLengthField = new(nameof(InfoLength), 9, 7, 7);
    private static readonly MadField ReasonField = new(nameof(Reason), 10, 16, naming: v => ((CmRejReason)v).ToString());
    private static readonly MadField InfoField = new(nameof(Info), 12, 576, MadFieldFormat.Bytes);
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 84, 1184, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("REJ", CmBody.Length,
        LocalCommIdField, RemoteCommIdField, MessageField, InfoLengthField, ReasonField, InfoField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.Rej;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 148;

    private readonly CmBody body;

    public uint LocalCommId { get => (uint)LocalCommIdField.Read(body.Bytes); init => LocalCommIdField.Write(body.Writable, value); }
    public uint RemoteCommId { get => (uint)RemoteCommIdField.Read(body.Bytes); init => RemoteCommIdField.Write(body.Writable, value); }
    /// <summary>Which message is refused.</summary>
    public CmMessageRef Message { get => (CmMessageRef)MessageField.Read(body.Bytes); init => MessageField.Write(body.Writable, (ulong)value); }
    /// <summary>Valid bytes of <see cref="Info"/>; may claim more than there are.</summary>
    public byte InfoLength { get => (byte)InfoLengthField.Read(body.Bytes); init => InfoLengthField.Write(body.Writable, value); }
    public CmRejReason Reason { get => (CmRejReason)ReasonField.Read(body.Bytes); init => ReasonField.Write(body.Writable, (ulong)value); }
    /// <summary>Additional reject information; its form follows from the reason.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Info => InfoField.Bytes(body.Bytes);
    /// <summary>All 148 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmRej WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "REJ private data");
        return new(changed);
    }

    /// <summary>The same message with other additional information (and its length), zero padded.</summary>
    /// <exception cref="ArgumentException">More than 72 bytes.</exception>
    public CmRej WithInfo(ReadOnlySpan<byte> info)
    {
        var changed = body;
        CmBody.Fill(InfoField.Bytes(changed.Writable), info, "REJ additional information");
        InfoLengthField.Write(changed.Writable, (ulong)info.Length);
        return new(changed);
    }

    private CmRej(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmRej message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
