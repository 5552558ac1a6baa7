using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>The records of an answer that is being put together, each padded as a table has them.</summary>
internal sealed class RecordList
{
    private readonly SaRecordTable table;
    private readonly byte[] template;
    private readonly ulong mask;
    private readonly byte[] record;
    private byte[] bytes;

    /// <param name="table">Kind of record.</param>
    /// <param name="template">Record of the query.</param>
    /// <param name="mask">Components of it that count.</param>
    public RecordList(SaRecordTable table, ReadOnlySpan<byte> template, ulong mask)
    {
        (this.table, this.mask) = (table, mask);
        this.template = template[..table.Length].ToArray();
        record = new byte[table.Stride];
        bytes = new byte[table.Stride * 4];
    }

    /// <summary>Records beyond this are refused with <see cref="SaStatus.NoResources"/>.</summary>
    public const int MaxCount = 200_000;

    public SaRecordTable Table => table;
    public int Count { get; private set; }
    public bool IsOverfull { get; private set; }
    public ReadOnlyMemory<byte> Bytes => bytes.AsMemory(0, Count * table.Stride);

    /// <summary>A cleared record to fill in; <see cref="Commit"/> takes it.</summary>
    public Span<byte> Begin()
    {
        record.AsSpan().Clear();
        return record;
    }

    /// <summary>Takes the record when it matches the query.</summary>
    public void Commit()
    {
        if (table.Matches(record, template, mask)) Add(record);
    }

    /// <summary>Takes a record that has been matched already.</summary>
    public void Add(ReadOnlySpan<byte> matched)
    {
        if (Count == MaxCount)
        {
            IsOverfull = true;
            return;
        }
        var end = (Count + 1) * table.Stride;
        if (end > bytes.Length) Array.Resize(ref bytes, bytes.Length * 2);
        matched[..table.Length].CopyTo(bytes.AsSpan(Count * table.Stride));
        Count++;
    }

    public void Add<T>(in T matched) where T : struct, ISaRecord<T>
    {
        matched.Write(record);
        Add(record);
    }
}
