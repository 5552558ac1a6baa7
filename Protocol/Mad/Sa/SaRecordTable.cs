namespace Weft.Protocol.Mad.Sa;

/// <summary>
/// One kind of SA record: its fields, and what bit of a query's component mask stands for each. The same table reads, prints and matches
/// records. IBA Vol 1 §15.2.1.1 and §15.2.5.
/// </summary>
public sealed class SaRecordTable
{
    private readonly SaComponent[] components;

    /// <param name="length">Bytes of the record, without padding.</param>
    public SaRecordTable(SaAttribute attribute, int length, params SaComponent[] components)
    {
        (Attribute, Length, this.components) = (attribute, length, components);
        Fields = new(attribute.ToString(), length, Array.ConvertAll(components, c => c.Field));
        foreach (var component in components)
        {
            if (component.Bit > 63 || (KnownMask & component.Mask) != 0) throw new ArgumentException($"{attribute}: component bit {component.Bit} of {component.Field.Name}");
            KnownMask |= component.Mask;
        }
    }

    public SaAttribute Attribute { get; }
    public int Length { get; }
    /// <summary>Bytes from one record to the next in a table: the length, padded to 8.</summary>
    public int Stride => Length + 7 & ~7;
    public MadFieldTable Fields { get; }
    public ReadOnlySpan<SaComponent> Components => components;
    /// <summary>All bits of the mask that stand for a field.</summary>
    public ulong KnownMask { get; }

    /// <summary>Bits of the component mask for fields, by name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public ulong Mask(params ReadOnlySpan<string> names)
    {
        ulong mask = 0;
        foreach (var name in names)
        {
            var at = Array.FindIndex(components, c => c.Field.Name == name);
            mask |= at < 0 ? throw new KeyNotFoundException($"{Attribute} has no component {name}") : components[at].Mask;
        }
        return mask;
    }

    /// <summary>Whether a record has the template's value in every component that the mask names. Bits without a field are passed over.</summary>
    public bool Matches(ReadOnlySpan<byte> record, ReadOnlySpan<byte> template, ulong mask)
    {
        if ((mask & KnownMask) == 0) return true;
        foreach (var component in components)
        {
            if ((mask & component.Mask) == 0) continue;
            var field = component.Field;
            if (field.IsWide ? !field.Bytes(record).SequenceEqual(field.Bytes(template)) : field.Read(record) != field.Read(template)) return false;
        }
        return true;
    }

    public string Print(ReadOnlySpan<byte> record) => Fields.Print(record);
}
