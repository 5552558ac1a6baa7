namespace Weft.Protocol.Mad.Sa;

/// <summary>A subnet manager. IBA Vol 1 §15.2.5.10.</summary>
// 0 LID | 2 reserved:16 | 4 SMInfo
public readonly record struct SmInfoRecord : ISaRecord<SmInfoRecord>
{
    private static readonly MadField LidField = new(nameof(Lid), 0, 16, MadFieldFormat.Hex);
    private static readonly MadField GuidField = new(nameof(Guid), 4, 64, MadFieldFormat.Guid);
    private static readonly MadField SmKeyField = new(nameof(SmKey), 12, 64, MadFieldFormat.Hex);
    private static readonly MadField ActivityCountField = new(nameof(ActivityCount), 20, 32);
    private static readonly MadField PriorityField = new(nameof(Priority), 24, 7, 4);
    private static readonly MadField StateField = new(nameof(State), 24, 3, 4);

    public static SaRecordTable Table { get; } = new(SaAttribute.SmInfoRecord, Length,
        new(LidField, 0), new(GuidField, 2), new(SmKeyField, 3), new(ActivityCountField, 4), new(PriorityField, 5), new(StateField, 6));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 25;

    private readonly SaBody body;

    public Lid Lid { get => new((ushort)LidField.Read(body.Bytes)); init => LidField.Write(body.Writable, value.Value); }
    public Guid64 Guid { get => new(GuidField.Read(body.Bytes)); init => GuidField.Write(body.Writable, value.Value); }
    public ulong SmKey { get => SmKeyField.Read(body.Bytes); init => SmKeyField.Write(body.Writable, value); }
    public uint ActivityCount { get => (uint)ActivityCountField.Read(body.Bytes); init => ActivityCountField.Write(body.Writable, value); }
    public byte Priority { get => (byte)PriorityField.Read(body.Bytes); init => PriorityField.Write(body.Writable, value); }
    public byte State { get => (byte)StateField.Read(body.Bytes); init => StateField.Write(body.Writable, value); }

    private SmInfoRecord(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out SmInfoRecord record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
