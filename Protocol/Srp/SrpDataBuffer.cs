using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>
/// One direction's data buffer as a command describes it: a view into the information unit, checked when it was read.
/// SRP r16a §5.6.2.
/// </summary>
public readonly ref struct SrpDataBuffer
{
    /// <summary>An indirect buffer before its entries: the table's descriptor and the total length.</summary>
    public const int IndirectHeaderLength = SrpDescriptor.Length + 4;
    private readonly ReadOnlySpan<byte> bytes;

    private SrpDataBuffer(SrpDataFormat format, ReadOnlySpan<byte> bytes, int descriptorCount)
    {
        Format = format;
        DescriptorCount = descriptorCount;
        this.bytes = bytes;
    }

    public SrpDataFormat Format { get; }
    /// <summary>Descriptors that stand in the information unit itself.</summary>
    public int DescriptorCount { get; }
    /// <summary>Bytes that the descriptor takes in the information unit; immediate data itself is not among them.</summary>
    public int EncodedLength => bytes.Length;

    /// <summary>Length of the data in bytes.</summary>
    public uint TotalLength => Format switch
    {
        SrpDataFormat.Direct => this[0].Size,
        SrpDataFormat.Indirect => BinaryPrimitives.ReadUInt32BigEndian(bytes[SrpDescriptor.Length..]),
        SrpDataFormat.Immediate => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        _ => 0,
    };

    /// <summary>Where the whole descriptor table is, in the initiator's memory. Indirect only.</summary>
    public SrpDescriptor Table => SrpDescriptor.Read(bytes);
    /// <summary>Entries of the whole table. Indirect only.</summary>
    public int TableCount => (int)(Table.Size / SrpDescriptor.Length);
    /// <summary>The information unit holds only a part of the table; the rest must be read from <see cref="Table"/>.</summary>
    public bool IsPartial => Format == SrpDataFormat.Indirect && DescriptorCount < TableCount;

    /// <summary>A descriptor that stands in the information unit.</summary>
    public SrpDescriptor this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)DescriptorCount, nameof(index));
            var start = Format == SrpDataFormat.Indirect ? IndirectHeaderLength : 0;
            return SrpDescriptor.Read(bytes[(start + index * SrpDescriptor.Length)..]);
        }
    }

    /// <summary>Takes a buffer of the given format off the front of <paramref name="source"/>.</summary>
    /// <param name="count">The command's descriptor count for this direction; only indirect buffers use it.</param>
    public static bool TryRead(SrpDataFormat format, int count, ReadOnlySpan<byte> source, out SrpDataBuffer buffer)
    {
        var (length, descriptors) = format switch
        {
            SrpDataFormat.None => (0, 0),
            SrpDataFormat.Direct => (SrpDescriptor.Length, 1),
            SrpDataFormat.Indirect => (IndirectHeaderLength + count * SrpDescriptor.Length, count),
            SrpDataFormat.Immediate => (4, 0),
            _ => (-1, 0),
        };
        buffer = default;
        if (length < 0 || source.Length < length) return false;
        buffer = new(format, source[..length], descriptors);
        return true;
    }

    public void Write(Span<byte> target) => bytes.CopyTo(target);

    /// <summary>Writes an indirect buffer whose table stands whole in the information unit.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteIndirect(Span<byte> target, SrpDescriptor table, ReadOnlySpan<SrpDescriptor> entries, uint totalLength)
    {
        table.Write(target);
        BinaryPrimitives.WriteUInt32BigEndian(target[SrpDescriptor.Length..], totalLength);
        for (var i = 0; i < entries.Length; i++) entries[i].Write(target[(IndirectHeaderLength + i * SrpDescriptor.Length)..]);
        return IndirectHeaderLength + entries.Length * SrpDescriptor.Length;
    }

    public static int WriteImmediate(Span<byte> target, uint length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, length);
        return 4;
    }
}
