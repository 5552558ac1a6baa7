using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Engine.Ports;

namespace Weft.Fabric.Engine;

/// <summary>
/// QPs by number: an array indexed by the low bits. New numbers are drawn, and moved on to the next one whose place is free, so that
/// a lookup is one load and one comparison.
/// </summary>
internal sealed class QpTable : IQpnAllocator
{
    /// <summary>Numbers below are the management QPs' and a few that peers keep for themselves.</summary>
    private const uint First = 16;
    private readonly HashSet<uint> reserved = [];
    private QueuePair?[] slots = new QueuePair?[64];

    public int Count { get; private set; }

    public QueuePair? Find(uint qpn)
    {
        var qp = slots[qpn & (uint)(slots.Length - 1)];
        return qp is not null && qp.Number.Value == qpn ? qp : null;
    }

    /// <summary>A number that no QP has and nobody reserved, at or after a drawn one.</summary>
    public Qpn Free(uint drawn)
    {
        if (Count * 2 >= slots.Length) Grow();
        var mask = (uint)(slots.Length - 1);
        for (var qpn = drawn & Psn.Mask; ; qpn = (qpn + 1) & Psn.Mask)
            if (qpn >= First && qpn != Qpn.Multicast.Value && slots[qpn & mask] is null && !reserved.Contains(qpn)) return new(qpn);
    }

    public void Add(QueuePair qp)
    {
        slots[qp.Number.Value & (uint)(slots.Length - 1)] = qp;
        Count++;
    }

    public void Remove(QueuePair qp)
    {
        slots[qp.Number.Value & (uint)(slots.Length - 1)] = null;
        Count--;
    }

    public void Reserve(Qpn qpn) => reserved.Add(qpn.Value);
    public void Unreserve(Qpn qpn) => reserved.Remove(qpn.Value);

    /// <summary>Numbers that differ in the low bits still do with one bit more.</summary>
    private void Grow()
    {
        var larger = new QueuePair?[slots.Length * 2];
        foreach (var qp in slots)
            if (qp is not null) larger[qp.Number.Value & (uint)(larger.Length - 1)] = qp;
        slots = larger;
    }
}
