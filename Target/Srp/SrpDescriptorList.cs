using Weft.Protocol.Srp;

namespace Weft.Target.Srp;

/// <summary>The initiator's memory for one direction of a command: descriptors in the request, or in a table that was fetched. SRP r16a §5.6.2.</summary>
internal readonly struct SrpDescriptorList(ReadOnlyMemory<byte> table, uint totalLength)
{
    /// <summary>Bytes of all of them together, as the command says.</summary>
    public uint TotalLength { get; } = totalLength;
    public int Count => table.Length / SrpDescriptor.Length;
    public SrpDescriptor this[int index] => SrpDescriptor.Read(table.Span[(index * SrpDescriptor.Length)..]);

    /// <summary>Whether the entries add up to the total length; an entry may be empty.</summary>
    public bool IsWhole
    {
        get
        {
            ulong sum = 0;
            for (var i = 0; i < Count; i++) sum += this[i].Size;
            return sum == TotalLength;
        }
    }

    /// <summary>The entry that holds a byte, and where in it.</summary>
    public (int Index, uint Within) Find(long offset)
    {
        var index = 0;
        for (; index < Count && offset >= this[index].Size; index++) offset -= this[index].Size;
        return (index, (uint)offset);
    }
}
