namespace Weft.Fabric.Sim;

/// <summary>A node's first-in first-out queue, linked through its items.</summary>
internal sealed class SimLane(SimNode owner, ulong id, ChoiceKind kind, string name) : EventSource(owner, id, kind), ILane, IWaitObserver
{
    private readonly int epoch = owner.Epoch;
    private WorkItem? head, tail;
    private int count;
    private string name = name;

    public override string Name => name;
    public override int Pending => count;
    public override ref QueueSlot Head => ref head!.ExecutorSlot;
    public bool IsDead => epoch != Owner.Epoch;

    public void Rename(string newName, ChoiceKind newKind) => (name, Kind) = (newName, newKind);

    public void Post(WorkItem item) => Post(item, Duration.Zero);

    public void Post(WorkItem item, Duration delay)
    {
        if (item.IsPosted)
            throw new InvalidOperationException($"item {item} is posted to \"{Owner.Name}/{name}\" while it waits in a lane");
        if (IsDead) return;
        var world = Owner.World;
        world.CheckThread();
        world.Touch(Owner);
        ref var slot = ref item.ExecutorSlot;
        var earliest = Owner.LocalTime + delay.Nanoseconds;
        item.IsPosted = true;
        item.ExecutorNext = null;
        count++;
        if (tail is null)
        {
            world.Place(ref slot, Kind, earliest);
            head = tail = item;
            world.Heap.Push(this, slot.Earliest, slot.Sequence);
        }
        else
        {
            world.Place(ref slot, Kind, Math.Max(earliest, tail.ExecutorSlot.Earliest));
            tail.ExecutorNext = item;
            tail = item;
        }
    }

    public override void Fire(World world)
    {
        var item = head!;
        world.Begin(this, in item.ExecutorSlot);
        var next = item.ExecutorNext;
        head = next;
        count--;
        if (next is null)
        {
            tail = null;
            world.Heap.Remove(this);
        }
        else
        {
            world.Succeed(in item.ExecutorSlot, ref next.ExecutorSlot);
            world.Heap.Update(this, next.ExecutorSlot.Earliest, next.ExecutorSlot.Sequence);
        }
        item.ExecutorNext = null;
        item.IsPosted = false;
        item.Run();
    }

    public override void Abandon(World world)
    {
        if (!IsInHeap) return;
        world.Withdraw(in Head);
        world.Heap.Remove(this);
        while (head is { } item)
        {
            head = item.ExecutorNext;
            item.ExecutorNext = null;
            item.IsPosted = false;
        }
        tail = null;
        count = 0;
    }

    public void WaitBegins(CompletionBase completion) => Owner.World.Waits.Add(completion, Owner);
    public void WaitEnds(CompletionBase completion) => Owner.World.Waits.Remove(completion);
}
