namespace Weft.Fabric.Sim;

/// <summary>
/// A node's timer. Moving it to a later moment, or cancelling it, leaves its place in the heap alone until that place comes up; only
/// while orders are explored is the heap kept exact.
/// </summary>
internal sealed class SimTimer : Execution.Timer
{
    private readonly Source source;
    private readonly SimNode node;
    private readonly int epoch;
    internal SimTimer? NextArmed, PreviousArmed;

    public SimTimer(SimNode node, ulong id, string name, Action onFired)
        : base(name, onFired)
    {
        this.node = node;
        epoch = node.Epoch;
        source = new(this, node, id);
    }

    public override void Arm(Instant deadline)
    {
        if (epoch != node.Epoch) return;
        var world = node.World;
        world.CheckThread();
        world.Touch(node);
        if (deadline.IsNever)
        {
            if (!IsArmed) return;
            Deadline = Instant.Never;
            node.Disarmed(this);
            if (!world.IsExploring) return;
            world.Withdraw(in source.Slot);
            world.Heap.Remove(source);
            return;
        }
        if (!IsArmed) node.Armed(this);
        else world.Withdraw(in source.Slot);
        ref var slot = ref source.Slot;
        source.NextIndex++; // armed anew it is another event
        world.Place(ref slot, ChoiceKind.Timer, Math.Max(deadline.Nanoseconds, node.LocalTime));
        Deadline = new(slot.Earliest);
        if (!source.IsInHeap) world.Heap.Push(source, slot.Earliest, slot.Sequence);
        else if (world.IsExploring || slot.Earliest < world.Heap.TimeOf(source))
            world.Heap.Update(source, slot.Earliest, slot.Sequence);
    }

    internal void Abandon(World world) => source.Abandon(world);

    private sealed class Source(SimTimer timer, SimNode owner, ulong id) : EventSource(owner, id, ChoiceKind.Timer)
    {
        public QueueSlot Slot;

        public override string Name => timer.Name;
        public override int Pending => timer.IsArmed ? 1 : 0;
        public override ref QueueSlot Head => ref Slot;

        public override void Fire(World world)
        {
            var heap = world.Heap;
            if (!timer.IsArmed)
            {
                heap.Remove(this);
                return;
            }
            if (heap.SequenceOf(this) != Slot.Sequence)
            {
                heap.Update(this, Slot.Earliest, Slot.Sequence);
                return;
            }
            world.Begin(this, in Slot);
            heap.Remove(this);
            Owner.Disarmed(timer);
            timer.Fire();
        }

        public override void MakeExact(World world)
        {
            if (!timer.IsArmed) world.Heap.Remove(this);
            else if (world.Heap.SequenceOf(this) != Slot.Sequence) world.Heap.Update(this, Slot.Earliest, Slot.Sequence);
        }

        public override void Abandon(World world)
        {
            if (IsInHeap) world.Heap.Remove(this);
            if (!timer.IsArmed) return;
            world.Withdraw(in Slot);
            timer.Deadline = Instant.Never;
            Owner.Disarmed(timer);
        }
    }
}
