using System.Text;

namespace Weft.Protocol.Mad;

/// <summary>
/// The fields of one attribute or message: the one description that reads, writes and prints it. Fields may not overlap; what no field
/// covers is reserved.
/// </summary>
public sealed class MadFieldTable
{
    private readonly MadField[] fields;
    private readonly byte[] reserved;

    /// <exception cref="ArgumentException">A field lies outside the length, or two overlap.</exception>
    public MadFieldTable(string name, int length, params MadField[] fields)
    {
        (Name, Length, this.fields) = (name, length, fields);
        reserved = new byte[length];
        reserved.AsSpan().Fill(0xFF);
        foreach (var field in fields)
        {
            if (field.Offset + field.ByteCount > length) throw new ArgumentException($"{name}: {field} lies outside {length} bytes");
            for (var bit = field.BitOffset; bit < field.BitOffset + field.Width; bit++)
            {
                var mask = (byte)(0x80 >> (bit & 7));
                if ((reserved[bit >> 3] & mask) == 0) throw new ArgumentException($"{name}: {field} overlaps another field");
                reserved[bit >> 3] &= (byte)~mask;
            }
        }
    }

    public string Name { get; }
    /// <summary>Bytes of the whole attribute.</summary>
    public int Length { get; }
    public ReadOnlySpan<MadField> Fields => fields;
    /// <summary>One bit for each reserved bit.</summary>
    public ReadOnlySpan<byte> Reserved => reserved;

    /// <summary>The field of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public MadField this[string name] =>
        Array.Find(fields, f => f.Name == name) ?? throw new KeyNotFoundException($"{Name} has no field {name}");

    /// <summary>Copies every field, and no reserved bit.</summary>
    public void Copy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        foreach (var field in fields) field.Copy(source, target);
    }

    /// <summary>Whether a reserved bit is set: legal to receive, wrong to send.</summary>
    public bool HasReservedBits(ReadOnlySpan<byte> source)
    {
        for (var i = 0; i < Length; i++)
            if ((source[i] & reserved[i]) != 0) return true;
        return false;
    }

    /// <summary>One line: the name, then each field that is not zero as Name=value; reserved bits that are set are shown too.</summary>
    public string Print(ReadOnlySpan<byte> source)
    {
        var text = new StringBuilder(Name, 256);
        foreach (var field in fields)
        {
            if (field.IsZero(source)) continue;
            text.Append(' ').Append(field.Name);
            if (field.Format == MadFieldFormat.Flag) continue;
            text.Append('=');
            field.PrintValue(source, text);
        }
        for (var i = 0; i < Length; i++)
            if ((source[i] & reserved[i]) != 0) text.Append($" reserved@{i}=0x{source[i] & reserved[i]:x2}");
        return text.ToString();
    }
}
