using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Fabric.Sim;

/// <summary>
/// A binary heap of event sources, ordered by the time and sequence of what each has at its head. A source knows its place, so that a
/// timer can be moved or withdrawn. Taking the first one out leaves a hole that the next push fills, or the next look closes.
/// Entries name their source by number: copying references about would cost a write barrier at every step.
/// </summary>
internal sealed class EventHeap
{
    private struct Entry
    {
        public long Time;
        public ulong Sequence;
        public int Slot;
    }

    private Entry[] entries = new Entry[32];
    private EventSource?[] sources = new EventSource?[32];
    private int[] places = new int[32];
    private int[] freeSlots = new int[32];
    private int freeCount;
    private int slotCount;
    private int count;
    private bool hasHole;

    /// <summary>Sources in the heap. Closes the hole.</summary>
    public int Count
    {
        get
        {
            if (hasHole) CloseHole();
            return count;
        }
    }

    // With an index below Count, and no push or removal since that was read.
    public long TimeAt(int index) => entries[index].Time;
    public EventSource SourceAt(int index) => sources[entries[index].Slot]!;

    public long TimeOf(EventSource source) => entries[places[source.HeapSlot]].Time;
    public ulong SequenceOf(EventSource source) => entries[places[source.HeapSlot]].Sequence;

    public void Push(EventSource source, long time, ulong sequence)
    {
        var slot = freeCount > 0 ? freeSlots[--freeCount] : NewSlot();
        source.HeapSlot = slot;
        sources[slot] = source;
        if (hasHole)
        {
            // The usual case: what just ran queued its successor. One way down instead of two ways.
            hasHole = false;
            SiftDown(0, slot, time, sequence);
            return;
        }
        if (count == entries.Length) Array.Resize(ref entries, count * 2);
        SiftUp(count++, slot, time, sequence);
    }

    /// <summary>Gives a source that is in the heap a new key.</summary>
    public void Update(EventSource source, long time, ulong sequence)
    {
        if (hasHole) CloseHole();
        var index = places[source.HeapSlot];
        ref var entry = ref entries[index];
        if (Before(time, sequence, ref entry)) SiftUp(index, source.HeapSlot, time, sequence);
        else SiftDown(index, source.HeapSlot, time, sequence);
    }

    public void Remove(EventSource source)
    {
        if (hasHole) CloseHole();
        var slot = source.HeapSlot;
        source.HeapSlot = -1;
        sources[slot] = null;
        freeSlots[freeCount++] = slot;
        if (places[slot] == 0) hasHole = true;
        else RemoveAt(places[slot]);
    }

    /// <summary>Empties the heap for another world.</summary>
    public void Clear()
    {
        Array.Clear(sources, 0, slotCount);
        count = freeCount = slotCount = 0;
        hasHole = false;
    }

    private int NewSlot()
    {
        if (slotCount == sources.Length)
        {
            Array.Resize(ref sources, slotCount * 2);
            Array.Resize(ref places, slotCount * 2);
            Array.Resize(ref freeSlots, slotCount * 2);
        }
        return slotCount++;
    }

    private void CloseHole()
    {
        hasHole = false;
        RemoveAt(0);
    }

    private void RemoveAt(int index)
    {
        var last = entries[--count];
        if (index == count) return;
        if (index > 0 && Before(last.Time, last.Sequence, ref entries[(index - 1) >> 1]))
            SiftUp(index, last.Slot, last.Time, last.Sequence);
        else SiftDown(index, last.Slot, last.Time, last.Sequence);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Before(long time, ulong sequence, ref Entry other) =>
        time < other.Time || (time == other.Time && sequence < other.Sequence);

    private void SiftUp(int index, int slot, long time, ulong sequence)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(entries);
        ref var place = ref MemoryMarshal.GetArrayDataReference(places);
        while (index > 0)
        {
            var parent = (index - 1) >> 1;
            ref var above = ref Unsafe.Add(ref first, parent);
            if (!Before(time, sequence, ref above)) break;
            Unsafe.Add(ref first, index) = above;
            Unsafe.Add(ref place, above.Slot) = index;
            index = parent;
        }
        Unsafe.Add(ref first, index) = new() { Time = time, Sequence = sequence, Slot = slot };
        Unsafe.Add(ref place, slot) = index;
    }

    private void SiftDown(int index, int slot, long time, ulong sequence)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(entries);
        ref var place = ref MemoryMarshal.GetArrayDataReference(places);
        while (true)
        {
            var child = 2 * index + 1;
            if (child >= count) break;
            ref var below = ref Unsafe.Add(ref first, child);
            if (child + 1 < count)
            {
                ref var other = ref Unsafe.Add(ref first, child + 1);
                if (Before(other.Time, other.Sequence, ref below))
                {
                    below = ref other;
                    child++;
                }
            }
            if (Before(time, sequence, ref below)) break;
            Unsafe.Add(ref first, index) = below;
            Unsafe.Add(ref place, below.Slot) = index;
            index = child;
        }
        Unsafe.Add(ref first, index) = new() { Time = time, Sequence = sequence, Slot = slot };
        Unsafe.Add(ref place, slot) = index;
    }
}
