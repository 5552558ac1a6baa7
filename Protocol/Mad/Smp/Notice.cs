using System.Diagnostics.CodeAnalysis;

namespace Weft.Protocol.Mad.Smp;

/// <summary>An event, as a trap or a report carries it. IBA Vol 1 §13.4.8.2.</summary>
// 0 IsGeneric:1 Type:7 | 1 ProducerType:24 | 4 TrapNumber:16 | 6 IssuerLID:16 | 8 NoticeToggle:1 NoticeCount:15 | 10 DataDetails:432
public struct Notice : ISmpAttribute<Notice>
{
    private static readonly MadField IsGenericField = new(nameof(IsGeneric), 0, 7, 1, MadFieldFormat.Flag);
    private static readonly MadField TypeField = new(nameof(Type), 0, 6, 7, naming: v => ((NoticeType)v).ToString());
    private static readonly MadField ProducerTypeField = new(nameof(ProducerType), 1, 24);
    private static readonly MadField TrapNumberField = new(nameof(TrapNumber), 4, 16);
    private static readonly MadField IssuerLidField = new(nameof(IssuerLid), 6, 16, MadFieldFormat.Hex);
    private static readonly MadField ToggleField = new(nameof(Toggle), 8, 7, 1, MadFieldFormat.Flag);
    private static readonly MadField CountField = new(nameof(Count), 8, 6, 15);
    private static readonly MadField DetailsField = new(nameof(Details), 10, 432, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("Notice", SmpData.Length,
        IsGenericField, TypeField, ProducerTypeField, TrapNumberField, IssuerLidField, ToggleField, CountField, DetailsField);

    public static SmpAttribute Attribute => SmpAttribute.Notice;

    private SmpData data;

    public bool IsGeneric { readonly get => IsGenericField.Read(data.Bytes) != 0; set => IsGenericField.Write(data.Writable, value ? 1UL : 0); }
    public NoticeType Type { readonly get => (NoticeType)TypeField.Read(data.Bytes); set => TypeField.Write(data.Writable, (ulong)value); }
    /// <summary>Of a generic notice: 1 CA, 2 switch, 3 router, 4 class manager.</summary>
    public uint ProducerType { readonly get => (uint)ProducerTypeField.Read(data.Bytes); set => ProducerTypeField.Write(data.Writable, value); }
    public ushort TrapNumber { readonly get => (ushort)TrapNumberField.Read(data.Bytes); set => TrapNumberField.Write(data.Writable, value); }
    public Lid IssuerLid { readonly get => new((ushort)IssuerLidField.Read(data.Bytes)); set => IssuerLidField.Write(data.Writable, value.Value); }
    public bool Toggle { readonly get => ToggleField.Read(data.Bytes) != 0; set => ToggleField.Write(data.Writable, value ? 1UL : 0); }
    public ushort Count { readonly get => (ushort)CountField.Read(data.Bytes); set => CountField.Write(data.Writable, value); }
    /// <summary>54 bytes whose meaning depends on the trap number.</summary>
    [UnscopedRef]
    public Span<byte> Details => DetailsField.Bytes(data.Writable);

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => data.Bytes;

    [UnscopedRef]
    public Span<byte> Writable => data.Writable;

    public static bool TryRead(ReadOnlySpan<byte> source, out Notice attribute)
    {
        attribute = default;
        return SmpData.TryRead(source, out attribute.data);
    }

    public readonly void Write(Span<byte> target) => data.Bytes.CopyTo(target);
    public override readonly string ToString() => Table.Print(data.Bytes);
}
