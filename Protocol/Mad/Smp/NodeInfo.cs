using System.Diagnostics.CodeAnalysis;

namespace Weft.Protocol.Mad.Smp;

/// <summary>What a node is, and by which port the question came in. IBA Vol 1 §14.2.5.3.</summary>
// 0 BaseVersion | 1 ClassVersion | 2 NodeType | 3 NumPorts | 4 SystemImageGUID | 12 NodeGUID | 20 PortGUID
// 28 PartitionCap:16 | 30 DeviceID:16 | 32 Revision:32 | 36 LocalPortNum | 37 VendorID:24
public struct NodeInfo : ISmpAttribute<NodeInfo>
{
    private static readonly MadField BaseVersionField = new(nameof(BaseVersion), 0, 8);
    private static readonly MadField ClassVersionField = new(nameof(ClassVersion), 1, 8);
    private static readonly MadField NodeTypeField = new(nameof(NodeType), 2, 8, naming: v => ((NodeType)v).ToString());
    private static readonly MadField NumPortsField = new(nameof(NumPorts), 3, 8);
    private static readonly MadField SystemImageGuidField = new(nameof(SystemImageGuid), 4, 64, MadFieldFormat.Guid);
    private static readonly MadField NodeGuidField = new(nameof(NodeGuid), 12, 64, MadFieldFormat.Guid);
    private static readonly MadField PortGuidField = new(nameof(PortGuid), 20, 64, MadFieldFormat.Guid);
    private static readonly MadField PartitionCapField = new(nameof(PartitionCap), 28, 16);
    private static readonly MadField DeviceIdField = new(nameof(DeviceId), 30, 16, MadFieldFormat.Hex);
    private static readonly MadField RevisionField = new(nameof(Revision), 32, 32, MadFieldFormat.Hex);
    private static readonly MadField LocalPortNumField = new(nameof(LocalPortNum), 36, 8);
    private static readonly MadField VendorIdField = new(nameof(VendorId), 37, 24, MadFieldFormat.Hex);

    public static MadFieldTable Table { get; } = new("NodeInfo", SmpData.Length,
        BaseVersionField, ClassVersionField, NodeTypeField, NumPortsField, SystemImageGuidField, NodeGuidField, PortGuidField,
        PartitionCapField, DeviceIdField, RevisionField, LocalPortNumField, VendorIdField);

    public static SmpAttribute Attribute => SmpAttribute.NodeInfo;

    private SmpData data;

    public byte BaseVersion { readonly get => (byte)BaseVersionField.Read(data.Bytes); set => BaseVersionField.Write(data.Writable, value); }
    public byte ClassVersion { readonly get => (byte)ClassVersionField.Read(data.Bytes); set => ClassVersionField.Write(data.Writable, value); }
    public NodeType NodeType { readonly get => (NodeType)NodeTypeField.Read(data.Bytes); set => NodeTypeField.Write(data.Writable, (ulong)value); }
    /// <summary>Ports, port 0 of a switch not counted.</summary>
    public byte NumPorts { readonly get => (byte)NumPortsField.Read(data.Bytes); set => NumPortsField.Write(data.Writable, value); }
    public Guid64 SystemImageGuid { readonly get => new(SystemImageGuidField.Read(data.Bytes)); set => SystemImageGuidField.Write(data.Writable, value.Value); }
    public Guid64 NodeGuid { readonly get => new(NodeGuidField.Read(data.Bytes)); set => NodeGuidField.Write(data.Writable, value.Value); }
    /// <summary>GUID of the port that was asked; a switch has one for all its ports.</summary>
    public Guid64 PortGuid { readonly get => new(PortGuidField.Read(data.Bytes)); set => PortGuidField.Write(data.Writable, value.Value); }
    /// <summary>P_Key entries of a CA port or of port 0.</summary>
    public ushort PartitionCap { readonly get => (ushort)PartitionCapField.Read(data.Bytes); set => PartitionCapField.Write(data.Writable, value); }
    public ushort DeviceId { readonly get => (ushort)DeviceIdField.Read(data.Bytes); set => DeviceIdField.Write(data.Writable, value); }
    public uint Revision { readonly get => (uint)RevisionField.Read(data.Bytes); set => RevisionField.Write(data.Writable, value); }
    /// <summary>Port by which the question came in.</summary>
    public byte LocalPortNum { readonly get => (byte)LocalPortNumField.Read(data.Bytes); set => LocalPortNumField.Write(data.Writable, value); }
    public uint VendorId { readonly get => (uint)VendorIdField.Read(data.Bytes); set => VendorIdField.Write(data.Writable, value); }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => data.Bytes;

    [UnscopedRef]
    public Span<byte> Writable => data.Writable;

    public static bool TryRead(ReadOnlySpan<byte> source, out NodeInfo attribute)
    {
        attribute = default;
        return SmpData.TryRead(source, out attribute.data);
    }

    public readonly void Write(Span<byte> target) => data.Bytes.CopyTo(target);
    public override readonly string ToString() => Table.Print(data.Bytes);
}
