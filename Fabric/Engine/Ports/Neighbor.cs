using Weft.Fabric.Wire;

namespace Weft.Fabric.Engine.Ports;

/// <summary>What is known about one next hop. RFC 4861 §5.1, §7.3.2; the same for ARP.</summary>
internal sealed class Neighbor(Gid address, Gid source)
{
    public readonly Gid Address = address;
    /// <summary>The port's address that asks.</summary>
    public readonly Gid Source = source;
    /// <summary>Valid while <see cref="IsKnown"/>.</summary>
    public MacAddress Mac;
    public bool IsKnown;
    /// <summary>Until when the MAC is used without asking again.</summary>
    public Instant ReachableUntil;
    /// <summary>A request is out: 1.., or 0.</summary>
    public int Tries;
    public Instant NextTry;
    /// <summary>When a packet last went there, to find out who may be forgotten.</summary>
    public Instant LastUsed;

    /// <summary>Complete frames but for their destination MAC, oldest first.</summary>
    public Frame? FirstPending, LastPending;
    public int PendingCount;
    public List<INeighborWaiter>? Waiters;

    public bool IsProbing => Tries > 0;

    public void AddPending(Frame frame)
    {
        frame.Next = null;
        if (LastPending is null) FirstPending = frame;
        else LastPending.Next = frame;
        LastPending = frame;
        PendingCount++;
    }

    public Frame? TakePending()
    {
        var frame = FirstPending;
        if (frame is null) return null;
        FirstPending = frame.Next;
        if (FirstPending is null) LastPending = null;
        frame.Next = null;
        PendingCount--;
        return frame;
    }
}
