using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Links;

/// <summary>The frames in flight of one flow in one direction of a link, in the order in which they arrive.</summary>
internal sealed class FrameLane(LinkDirection direction, ulong id) : EventSource(direction.To.Node, id, ChoiceKind.Delivery)
{
    private FrameSlot[] ring = direction.World.Resources.RentRing();
    private int head;
    private int count;
    // Of the last in the queue, also when it has arrived: what the sender sees must not depend on whether it has.
    private QueueSlot tail;

    public override string Name => direction.Name;
    public override string Subject => direction.Name;
    public override int Pending => count;
    public override ref QueueSlot Head => ref ring[head].Slot;

    /// <summary>Queues a frame, in front of those that are held back and let it pass.</summary>
    public void Add(Frame frame, long due, int passes, byte virtualLane, int blocks)
    {
        if (count == ring.Length) Grow();
        var mask = ring.Length - 1;
        var place = count;
        while (place > 0)
        {
            ref var ahead = ref ring[(head + place - 1) & mask];
            if (ahead.Slot.Earliest <= due || ahead.Passes == 0) break;
            ahead.Passes--;
            ring[(head + place) & mask] = ahead;
            place--;
        }
        ref var slot = ref ring[(head + place) & mask];
        slot.Frame = frame;
        slot.Passes = passes;
        (slot.VirtualLane, slot.Blocks) = (virtualLane, blocks);
        var world = direction.World;
        var isLast = place == count;
        var before = isLast ? tail : place > 0 ? ring[(head + place - 1) & mask].Slot : default;
        world.Place(ref slot.Slot, ChoiceKind.Delivery, Math.Max(due, before.Earliest), direction.NextSequence());
        world.Succeed(in before, ref slot.Slot);
        if (isLast) tail = slot.Slot;
        count++;
        if (place > 0) return;
        if (count == 1) world.Heap.Push(this, slot.Slot.Earliest, slot.Slot.Sequence);
        else world.Heap.Update(this, slot.Slot.Earliest, slot.Slot.Sequence);
    }

    public override void Fire(World world)
    {
        ref var first = ref ring[head];
        world.Begin(this, in first.Slot);
        var frame = first.Frame;
        var (virtualLane, blocks) = (first.VirtualLane, first.Blocks);
        direction.TouchArrival(first.Passes > 0);
        first.Frame = null!;
        count--;
        head = (head + 1) & (ring.Length - 1);
        if (count == 0) world.Heap.Remove(this);
        else
        {
            ref var next = ref ring[head];
            world.Heap.Update(this, next.Slot.Earliest, next.Slot.Sequence);
        }
        direction.Deliver(frame, virtualLane, blocks);
    }

    /// <summary>The node at the end is gone; what is in flight still arrives there, and is lost.</summary>
    public override void Abandon(World world)
    {
    }

    /// <summary>The link went down: what is in flight is lost.</summary>
    public void Flush(DropReason reason)
    {
        if (count == 0) return;
        direction.World.Withdraw(in Head);
        direction.World.Heap.Remove(this);
        NextIndex += count;
        for (; count > 0; count--)
        {
            var frame = ring[head].Frame;
            ring[head].Frame = null!;
            head = (head + 1) & (ring.Length - 1);
            direction.Drop(frame, reason);
        }
    }

    private void Grow()
    {
        var larger = new FrameSlot[ring.Length * 2];
        for (var i = 0; i < count; i++) larger[i] = ring[(head + i) & (ring.Length - 1)];
        ring = larger;
        head = 0;
    }
}
