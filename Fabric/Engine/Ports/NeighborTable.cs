using Weft.Fabric.Execution;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Engine.Ports;

/// <summary>
/// From IP addresses to MAC addresses: asks, remembers for a while, verifies what is in use, and holds packets back meanwhile.
/// Ageing needs no timer: an old entry is asked for again when the next packet uses it. RFC 826, RFC 4861 §7.
/// </summary>
internal sealed class NeighborTable
{
    private readonly IExecutor executor;
    private readonly NeighborLimits limits;
    private readonly RocePortCounters counters;
    private readonly INeighborWire wire;
    private readonly Execution.Timer timer;
    private readonly Dictionary<Gid, Neighbor> table = [];
    /// <summary>Entries with a request out, in the order in which they began.</summary>
    private readonly List<Neighbor> probing = [];
    private readonly List<Neighbor> failed = [];
    private Neighbor? last;

    public NeighborTable(IExecutor executor, string name, NeighborLimits limits, RocePortCounters counters, INeighborWire wire)
    {
        (this.executor, this.limits, this.counters, this.wire) = (executor, limits, counters, wire);
        timer = executor.CreateTimer($"{name} neighbours", OnTimer);
    }

    public int Count => table.Count;

    /// <summary>The way to a next hop, when it is known. A stale entry is used, and verified at the same time.</summary>
    public bool TryGet(Gid address, out MacAddress mac)
    {
        var neighbor = last;
        if (neighbor is null || neighbor.Address != address)
        {
            if (!table.TryGetValue(address, out neighbor) || !neighbor.IsKnown)
            {
                mac = default;
                return false;
            }
            last = neighbor;
        }
        mac = neighbor.Mac;
        var now = executor.Now;
        neighbor.LastUsed = now;
        if (now >= neighbor.ReachableUntil && !neighbor.IsProbing) Probe(neighbor, now);
        return true;
    }

    /// <summary>What is remembered, without using it.</summary>
    public bool TryGetKnown(Gid address, out MacAddress mac)
    {
        var known = table.TryGetValue(address, out var neighbor) && neighbor.IsKnown;
        mac = known ? neighbor!.Mac : default;
        return known;
    }

    /// <summary>Holds a frame back until its next hop is known, and asks for it if nobody has; takes over the frame.</summary>
    /// <param name="frame">Complete but for its destination MAC.</param>
    public void Enqueue(Gid source, Gid address, Frame frame)
    {
        if (GetOrAdd(source, address) is not { } neighbor)
        {
            counters.DroppedNeighborFull++;
            frame.Release();
            return;
        }
        neighbor.LastUsed = executor.Now;
        neighbor.AddPending(frame);
        if (neighbor.PendingCount > limits.PendingFrames)
        {
            neighbor.TakePending()!.Release();
            counters.DroppedPendingFull++;
        }
        if (!neighbor.IsProbing) Probe(neighbor, executor.Now);
    }

    /// <summary>Calls back when the next hop is known, or with failure; at once when it is known already.</summary>
    public void Resolve(Gid source, Gid address, Gid destination, INeighborWaiter waiter)
    {
        if (TryGet(address, out _))
        {
            waiter.OnNeighbor(destination, reachable: true);
            return;
        }
        if (GetOrAdd(source, address) is not { } neighbor)
        {
            counters.DroppedNeighborFull++;
            waiter.OnNeighbor(destination, reachable: false);
            return;
        }
        // A gateway may be waited for under many destinations: each waiter is told about its own.
        (neighbor.Waiters ??= []).Add(destination == address ? waiter : new ForDestination(destination, waiter));
        if (!neighbor.IsProbing) Probe(neighbor, executor.Now);
    }

    /// <summary>A neighbour said where it is: in an answer, or in a request of its own.</summary>
    /// <param name="create">Remember it even if nobody asked: it is about to be answered, so a packet will follow.</param>
    public void Learn(Gid source, Gid address, MacAddress mac, bool create)
    {
        if (!table.TryGetValue(address, out var neighbor))
        {
            if (!create || GetOrAdd(source, address) is not { } added) return;
            neighbor = added;
        }
        var now = executor.Now;
        (neighbor.Mac, neighbor.IsKnown, neighbor.ReachableUntil) = (mac, true, now + limits.ReachableTime);
        if (neighbor.IsProbing)
        {
            neighbor.Tries = 0;
            probing.Remove(neighbor);
            Arm();
        }
        while (neighbor.TakePending() is { } frame) wire.SendResolved(frame, mac);
        Tell(neighbor, reachable: true);
    }

    /// <summary>The link went down: what was known may no longer hold, and who waits need not wait longer.</summary>
    public void Flush()
    {
        last = null;
        probing.Clear();
        timer.Cancel();
        failed.Clear();
        foreach (var neighbor in table.Values)
            if (neighbor.IsProbing || neighbor.PendingCount > 0) failed.Add(neighbor);
        failed.Sort(static (a, b) => a.Address.CompareTo(b.Address));
        table.Clear();
        Fail();
    }

    private Neighbor? GetOrAdd(Gid source, Gid address)
    {
        if (table.TryGetValue(address, out var neighbor)) return neighbor;
        if (table.Count >= limits.Capacity && !MakeRoom()) return null;
        neighbor = new(address, source);
        table.Add(address, neighbor);
        return neighbor;
    }

    /// <summary>Forgets the neighbour that was idle for longest, if any is idle: stale and not being asked for.</summary>
    private bool MakeRoom()
    {
        var now = executor.Now;
        Neighbor? oldest = null;
        foreach (var n in table.Values)
        {
            if (n.IsProbing || now < n.ReachableUntil) continue;
            if (oldest is null || n.LastUsed < oldest.LastUsed || n.LastUsed == oldest.LastUsed && n.Address.CompareTo(oldest.Address) < 0) oldest = n;
        }
        if (oldest is null) return false;
        table.Remove(oldest.Address);
        if (last == oldest) last = null;
        return true;
    }

    private void Probe(Neighbor neighbor, Instant now)
    {
        probing.Add(neighbor);
        Ask(neighbor, now);
        Arm();
    }

    private void Ask(Neighbor neighbor, Instant now)
    {
        neighbor.Tries++;
        neighbor.NextTry = now + limits.Interval;
        counters.NeighborRequestsSent++;
        wire.SendRequest(neighbor.Source, neighbor.Address, neighbor.IsKnown ? neighbor.Mac : null);
    }

    private void OnTimer()
    {
        var now = executor.Now;
        failed.Clear();
        for (var i = 0; i < probing.Count; i++)
        {
            var neighbor = probing[i];
            if (neighbor.NextTry > now) continue;
            if (neighbor.Tries < limits.Tries)
            {
                Ask(neighbor, now);
                continue;
            }
            probing.RemoveAt(i--);
            table.Remove(neighbor.Address);
            if (last == neighbor) last = null;
            failed.Add(neighbor);
        }
        Arm();
        Fail();
    }

    private void Fail()
    {
        foreach (var neighbor in failed)
        {
            neighbor.Tries = 0;
            while (neighbor.TakePending() is { } frame)
            {
                counters.DroppedUnreachable++;
                frame.Release();
            }
        }
        // Waiters may ask again at once, which must not disturb the list that is being walked.
        for (var i = 0; i < failed.Count; i++) Tell(failed[i], reachable: false);
    }

    private static void Tell(Neighbor neighbor, bool reachable)
    {
        if (neighbor.Waiters is not { Count: > 0 } waiters) return;
        neighbor.Waiters = null;
        foreach (var waiter in waiters) waiter.OnNeighbor(neighbor.Address, reachable);
    }

    private void Arm()
    {
        var next = Instant.Never;
        foreach (var neighbor in probing) next = Instant.Min(next, neighbor.NextTry);
        if (next != timer.Deadline) timer.Arm(next);
    }

    private sealed class ForDestination(Gid destination, INeighborWaiter waiter) : INeighborWaiter
    {
        public void OnNeighbor(Gid neighbor, bool reachable) => waiter.OnNeighbor(destination, reachable);
    }
}
