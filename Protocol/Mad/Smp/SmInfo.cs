using System.Diagnostics.CodeAnalysis;

namespace Weft.Protocol.Mad.Smp;

/// <summary>What a subnet manager tells of itself. IBA Vol 1 §14.2.5.13.</summary>
// 0 GUID | 8 SM_Key | 16 ActCount:32 | 20 Priority:4 SMState:4
public struct SmInfo : ISmpAttribute<SmInfo>
{
    private static readonly MadField PortGuidField = new(nameof(PortGuid), 0, 64, MadFieldFormat.Guid);
    private static readonly MadField SmKeyField = new(nameof(SmKey), 8, 64, MadFieldFormat.Hex);
    private static readonly MadField ActivityCountField = new(nameof(ActivityCount), 16, 32);
    private static readonly MadField PriorityField = new(nameof(Priority), 20, 7, 4);
    private static readonly MadField StateField = new(nameof(State), 20, 3, 4, naming: v => ((SmState)v).ToString());

    public static MadFieldTable Table { get; } = new("SMInfo", SmpData.Length,
        PortGuidField, SmKeyField, ActivityCountField, PriorityField, StateField);

    public static SmpAttribute Attribute => SmpAttribute.SmInfo;

    private SmpData data;

    /// <summary>GUID of the port that the manager runs on.</summary>
    public Guid64 PortGuid { readonly get => new(PortGuidField.Read(data.Bytes)); set => PortGuidField.Write(data.Writable, value.Value); }
    public ulong SmKey { readonly get => SmKeyField.Read(data.Bytes); set => SmKeyField.Write(data.Writable, value); }
    /// <summary>Grows as long as the manager is alive.</summary>
    public uint ActivityCount { readonly get => (uint)ActivityCountField.Read(data.Bytes); set => ActivityCountField.Write(data.Writable, value); }
    /// <summary>0 to 15, the highest wins.</summary>
    public byte Priority { readonly get => (byte)PriorityField.Read(data.Bytes); set => PriorityField.Write(data.Writable, value); }
    public SmState State { readonly get => (SmState)StateField.Read(data.Bytes); set => StateField.Write(data.Writable, (ulong)value); }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => data.Bytes;

    [UnscopedRef]
    public Span<byte> Writable => data.Writable;

    public static bool TryRead(ReadOnlySpan<byte> source, out SmInfo attribute)
    {
        attribute = default;
        return SmpData.TryRead(source, out attribute.data);
    }

    public readonly void Write(Span<byte> target) => data.Bytes.CopyTo(target);
    public override readonly string ToString() => Table.Print(data.Bytes);
}
