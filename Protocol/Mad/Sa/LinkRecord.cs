namespace Weft.Protocol.Mad.Sa;

/// <summary>A cable, seen from one of its ends. IBA Vol 1 §15.2.5.13.</summary>
// 0 FromLID | 2 FromPort | 3 ToPort | 4 ToLID
public readonly record struct LinkRecord : ISaRecord<LinkRecord>
{
    private static readonly MadField FromLidField = new(nameof(FromLid), 0, 16, MadFieldFormat.Hex);
    private static readonly MadField FromPortField = new(nameof(FromPort), 2, 8);
    private static readonly MadField ToPortField = new(nameof(ToPort), 3, 8);
    private static readonly MadField ToLidField = new(nameof(ToLid), 4, 16, MadFieldFormat.Hex);

    public static SaRecordTable Table { get; } = new(SaAttribute.LinkRecord, Length,
        new(FromLidField, 0), new(FromPortField, 1), new(ToPortField, 2), new(ToLidField, 3));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 6;

    private readonly SaBody body;

    public Lid FromLid { get => new((ushort)FromLidField.Read(body.Bytes)); init => FromLidField.Write(body.Writable, value.Value); }
    public byte FromPort { get => (byte)FromPortField.Read(body.Bytes); init => FromPortField.Write(body.Writable, value); }
    public byte ToPort { get => (byte)ToPortField.Read(body.Bytes); init => ToPortField.Write(body.Writable, value); }
    public Lid ToLid { get => new((ushort)ToLidField.Read(body.Bytes)); init => ToLidField.Write(body.Writable, value.Value); }

    private LinkRecord(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out LinkRecord record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
