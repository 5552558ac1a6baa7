using System.Diagnostics.CodeAnalysis;

namespace Weft.Protocol.Mad.Sa;

/// <summary>A node, seen from one of its ports. IBA Vol 1 §15.2.5.2.</summary>
// 0 LID | 2 reserved:16 | 4 NodeInfo | 44 NodeDescription
public readonly record struct NodeRecord : ISaRecord<NodeRecord>
{
    private static readonly MadField LidField = new(nameof(Lid), 0, 16, MadFieldFormat.Hex);
    private static readonly MadField BaseVersionField = new(nameof(BaseVersion), 4, 8);
    private static readonly MadField ClassVersionField = new(nameof(ClassVersion), 5, 8);
    private static readonly MadField NodeTypeField = new(nameof(NodeType), 6, 8);
    private static readonly MadField PortCountField = new(nameof(PortCount), 7, 8);
    private static readonly MadField SystemImageGuidField = new(nameof(SystemImageGuid), 8, 64, MadFieldFormat.Guid);
    private static readonly MadField NodeGuidField = new(nameof(NodeGuid), 16, 64, MadFieldFormat.Guid);
    private static readonly MadField PortGuidField = new(nameof(PortGuid), 24, 64, MadFieldFormat.Guid);
    private static readonly MadField PartitionCapField = new(nameof(PartitionCap), 32, 16);
    private static readonly MadField DeviceIdField = new(nameof(DeviceId), 34, 16, MadFieldFormat.Hex);
    private static readonly MadField RevisionField = new(nameof(Revision), 36, 32, MadFieldFormat.Hex);
    private static readonly MadField LocalPortField = new(nameof(LocalPort), 40, 8);
    private static readonly MadField VendorIdField = new(nameof(VendorId), 41, 24, MadFieldFormat.Hex);
    private static readonly MadField DescriptionField = new(nameof(Description), 44, 512, MadFieldFormat.Text);

    public static SaRecordTable Table { get; } = new(SaAttribute.NodeRecord, Length,
        new(LidField, 0), new(BaseVersionField, 2), new(ClassVersionField, 3), new(NodeTypeField, 4), new(PortCountField, 5),
        new(SystemImageGuidField, 6), new(NodeGuidField, 7), new(PortGuidField, 8), new(PartitionCapField, 9), new(DeviceIdField, 10),
        new(RevisionField, 11), new(LocalPortField, 12), new(VendorIdField, 13), new(DescriptionField, 14));

    /// <summary>Bytes of the record, without padding.</summary>
    public const int Length = 108;

    private readonly SaBody body;

    public Lid Lid { get => new((ushort)LidField.Read(body.Bytes)); init => LidField.Write(body.Writable, value.Value); }
    public byte BaseVersion { get => (byte)BaseVersionField.Read(body.Bytes); init => BaseVersionField.Write(body.Writable, value); }
    public byte ClassVersion { get => (byte)ClassVersionField.Read(body.Bytes); init => ClassVersionField.Write(body.Writable, value); }
    /// <summary>1 channel adapter, 2 switch, 3 router.</summary>
    public byte NodeType { get => (byte)NodeTypeField.Read(body.Bytes); init => NodeTypeField.Write(body.Writable, value); }
    public byte PortCount { get => (byte)PortCountField.Read(body.Bytes); init => PortCountField.Write(body.Writable, value); }
    public Guid64 SystemImageGuid { get => new(SystemImageGuidField.Read(body.Bytes)); init => SystemImageGuidField.Write(body.Writable, value.Value); }
    public Guid64 NodeGuid { get => new(NodeGuidField.Read(body.Bytes)); init => NodeGuidField.Write(body.Writable, value.Value); }
    public Guid64 PortGuid { get => new(PortGuidField.Read(body.Bytes)); init => PortGuidField.Write(body.Writable, value.Value); }
    public ushort PartitionCap { get => (ushort)PartitionCapField.Read(body.Bytes); init => PartitionCapField.Write(body.Writable, value); }
    public ushort DeviceId { get => (ushort)DeviceIdField.Read(body.Bytes); init => DeviceIdField.Write(body.Writable, value); }
    public uint Revision { get => (uint)RevisionField.Read(body.Bytes); init => RevisionField.Write(body.Writable, value); }
    public byte LocalPort { get => (byte)LocalPortField.Read(body.Bytes); init => LocalPortField.Write(body.Writable, value); }
    public uint VendorId { get => (uint)VendorIdField.Read(body.Bytes); init => VendorIdField.Write(body.Writable, value); }
    [UnscopedRef]
    public ReadOnlySpan<byte> Description => DescriptionField.Bytes(body.Bytes);

    private NodeRecord(in SaBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out NodeRecord record)
    {
        var ok = SaBody.TryRead(source, Length, out var body);
        record = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes[..Length].CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
