namespace Weft.Fabric.Sim;

/// <summary>
/// Something that has at most one next event: a lane of a node, a timer, a direction of a link. Only that one can be chosen.
/// </summary>
internal abstract class EventSource(SimNode owner, ulong id, ChoiceKind kind)
{
    /// <summary>The node whose code the events run.</summary>
    public readonly SimNode Owner = owner;
    /// <summary>Stable in every order of events: made from the node's or link's own counts.</summary>
    public readonly ulong Id = id;
    /// <summary>Number in the heap, or -1.</summary>
    public int HeapSlot = -1;
    public bool IsInHeap => HeapSlot >= 0;
    /// <summary>Events before the next one; with <see cref="Id"/> it identifies the next one.</summary>
    public int NextIndex;

    public ChoiceKind Kind { get; protected set; } = kind;

    /// <summary>What the source calls itself in traces.</summary>
    public abstract string Name { get; }
    /// <summary>What choices call it: a name the scenario gave, which no refactoring changes.</summary>
    public virtual string Subject => Owner.Name;
    /// <summary>Items waiting, for the report at the end of a run.</summary>
    public abstract int Pending { get; }

    /// <summary>Position of the next event. Only while the source is in the heap.</summary>
    public abstract ref QueueSlot Head { get; }

    /// <summary>Takes the next event off and runs it.</summary>
    public abstract void Fire(World world);

    /// <summary>Its place in the heap becomes that of its next event; without one it leaves.</summary>
    public virtual void MakeExact(World world)
    {
    }

    /// <summary>Forgets all that waits: the node is gone.</summary>
    public abstract void Abandon(World world);
}
