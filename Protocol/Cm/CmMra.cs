using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Message receipt acknowledgement: the answer takes longer. IBA Vol 1 §12.6.6.</summary>
// 0 LocalCommID | 4 RemoteCommID | 8 MessageMraed:2 resv:6 | 9 ServiceTimeout:5 resv:3 | 10 private data
public readonly record struct CmMra : ICmMessage<CmMra>
{
    private static readonly MadField LocalCommIdField = new(nameof(LocalCommId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField RemoteCommIdField = new(nameof(RemoteCommId), 4, 32, MadFieldFormat.Hex);
    private static readonly MadField MessageField = new(nameof(Message), 8, 7, 2, naming: v => ((CmMessageRef)v).ToString());
    private static readonly MadField ServiceTimeoutField = new(nameof(ServiceTimeout), 9, 7, 5, MadFieldFormat.Time);
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 10, 1776, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("MRA", CmBody.Length,
        LocalCommIdField, RemoteCommIdField, MessageField, ServiceTimeoutField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.Mra;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 222;

    private readonly CmBody body;

    public uint LocalCommId { get => (uint)LocalCommIdField.Read(body.Bytes); init => LocalCommIdField.Write(body.Writable, value); }
    public uint RemoteCommId { get => (uint)RemoteCommIdField.Read(body.Bytes); init => RemoteCommIdField.Write(body.Writable, value); }
    /// <summary>Which message is being worked on.</summary>
    public CmMessageRef Message { get => (CmMessageRef)MessageField.Read(body.Bytes); init => MessageField.Write(body.Writable, (ulong)value); }
    /// <summary>Coded time until the answer.</summary>
    public byte ServiceTimeout { get => (byte)ServiceTimeoutField.Read(body.Bytes); init => ServiceTimeoutField.Write(body.Writable, value); }
    /// <summary>All 222 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmMra WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "MRA private data");
        return new(changed);
    }

    private CmMra(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmMra message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
