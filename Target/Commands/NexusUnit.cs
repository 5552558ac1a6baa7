using System.Numerics;
using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

/// <summary>An I_T_L nexus: one logical unit as one initiator port sees it, with what is pending for it. SAM-5 §4.6.</summary>
public sealed class NexusUnit
{
    private uint pending;

    internal NexusUnit(Nexus nexus, int number, LogicalUnit unit, bool isReadOnly) =>
        (Nexus, Number, Unit, IsReadOnly) = (nexus, number, unit, isReadOnly);

    public Nexus Nexus { get; }
    /// <summary>LUN under which this initiator knows the unit.</summary>
    public int Number { get; internal set; }
    public LogicalUnit Unit { get; }
    /// <summary>Writes by this initiator are refused.</summary>
    public bool IsReadOnly { get; internal set; }
    public bool HasAttention => pending != 0;

    /// <summary>Makes a condition pending. A condition that is pending already is not told twice.</summary>
    public void Establish(UnitAttention attention) => pending |= 1u << (int)attention;

    public void Clear(UnitAttention attention) => pending &= ~(1u << (int)attention);

    internal void ClearAll() => pending = 0;

    /// <summary>The most severe pending condition.</summary>
    public bool TryPeek(out UnitAttention attention)
    {
        attention = (UnitAttention)BitOperations.TrailingZeroCount(pending);
        return pending != 0;
    }

    /// <summary>Reports and clears the most severe pending condition (UA_INTLCK 0). SPC-4 §7.5.8.</summary>
    internal bool TryTake(out Sense sense)
    {
        sense = default;
        if (!TryPeek(out var attention)) return false;
        Clear(attention);
        sense = Sense.Attention(attention.Code());
        return true;
    }
}
