using System.Diagnostics.CodeAnalysis;

namespace Weft.Protocol.Mad.Sa;

/// <summary>A service that a port has registered. IBA Vol 1 §15.2.5.14.</summary>
// 0 ServiceID:64 | 8 GID | 24 P_Key | 26 reserved:16 | 28 Lease:32 | 32 Key:128 | 48 Name:64 bytes | 112 Data8 | 128 Data16 | 144 Data32 | 160 Data64
public readonly record struct ServiceRecord : ISaRecord<ServiceRecord>
{
    private static readonly MadField ServiceIdField = new(nameof(ServiceId), 0, 64, MadFieldFormat.Hex);
    private static readonly MadField ServiceGidField = new(nameof(ServiceGid), 8, 128, MadFieldFormat.Gid);
    private static readonly MadField PKeyField = new(nameof(PKey), 24, 16, MadFieldFormat.Hex);
    private static readonly MadField LeaseField = new(nameof(Lease), 28, 32);
    private static readonly MadField KeyField = new(nameof(Key), 32, 128, MadFieldFormat.Bytes);
    private static readonly MadField NameField = new(nameof(Name), 48, 512, MadFieldFormat.Text);
    private static readonly MadField Data8Field = new(nameof(Data8), 112, 128, MadFieldFormat.Bytes);
    private static readonly MadField Data16Field = new(nameof(Data16), 128, 128, MadFieldFormat.Bytes);
    private static readonly MadField Data32Field = new(nameof(Data32), 144, 128, MadFieldFormat.Bytes);
    private static readonly MadField Data64Field = new(nameof(Data64), 160, 128, MadFieldFormat.Bytes);

    public static SaRecordTable Table { get; } = new(SaAttribute.ServiceRecord, Length,
        new(ServiceIdField, 0), new(ServiceGidField, 1), new(PKeyField, 2), new(LeaseField, 4), new(KeyField, 5), new(NameField, 6),
        new(Data8Field, -1), new(Data16Field, -1), new(Data32Field, -1), new(Data64Field, -1));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 176;

    private readonly SaBody body;

    public ulong ServiceId { get => ServiceIdField.Read(body.Bytes); init => ServiceIdField.Write(body.Writable, value); }
    public Gid ServiceGid { get => Gid.Read(ServiceGidField.Bytes(body.Bytes)); init => value.Write(ServiceGidField.Bytes(body.Writable)); }
    public PKey PKey { get => new((ushort)PKeyField.Read(body.Bytes)); init => PKeyField.Write(body.Writable, value.Value); }
    /// <summary>Seconds that the registration lasts; 0xFFFFFFFF for ever.</summary>
    public uint Lease { get => (uint)LeaseField.Read(body.Bytes); init => LeaseField.Write(body.Writable, value); }
    [UnscopedRef]
    public ReadOnlySpan<byte> Key => KeyField.Bytes(body.Bytes);
    [UnscopedRef]
    public ReadOnlySpan<byte> Name => NameField.Bytes(body.Bytes);
    /// <summary>Sixteen bytes of the service, mask bits 7 to 22.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Data8 => Data8Field.Bytes(body.Bytes);
    /// <summary>Eight 16-bit numbers, mask bits 23 to 30.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Data16 => Data16Field.Bytes(body.Bytes);
    /// <summary>Four 32-bit numbers, mask bits 31 to 34.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Data32 => Data32Field.Bytes(body.Bytes);
    /// <summary>Two 64-bit numbers, mask bits 35 and 36.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Data64 => Data64Field.Bytes(body.Bytes);

    private ServiceRecord(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out ServiceRecord record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
