using System.Runtime.CompilerServices;

namespace Weft.Fabric.Sim;

/// <summary>
/// A binary heap of event sources, ordered by the time and sequence of what each has at its head. A source knows its place, so that a
/// timer can be moved or withdrawn.
/// </summary>
internal sealed class EventHeap
{
    internal struct Entry
    {
        public long Time;
        public ulong Sequence;
        public EventSource Source;
    }

    public Entry[] Entries = new Entry[32];
    public int Count;

    public void Push(EventSource source, long time, ulong sequence)
    {
        if (Count == Entries.Length) Array.Resize(ref Entries, Count * 2);
        SiftUp(Count++, source, time, sequence);
    }

    /// <summary>Gives a source that is in the heap a new key.</summary>
    public void Update(EventSource source, long time, ulong sequence)
    {
        var index = source.HeapIndex;
        ref var entry = ref Entries[index];
        if (time < entry.Time || (time == entry.Time && sequence < entry.Sequence)) SiftUp(index, source, time, sequence);
        else SiftDown(index, source, time, sequence);
    }

    public void Remove(EventSource source)
    {
        var index = source.HeapIndex;
        source.HeapIndex = -1;
        Count--;
        ref var last = ref Entries[Count];
        var (time, sequence, moved) = (last.Time, last.Sequence, last.Source);
        last.Source = null!;
        if (index == Count) return;
        moved.HeapIndex = index;
        Entries[index] = new() { Time = time, Sequence = sequence, Source = moved };
        if (index > 0 && Before(time, sequence, ref Entries[(index - 1) >> 1])) SiftUp(index, moved, time, sequence);
        else SiftDown(index, moved, time, sequence);
    }

    /// <summary>Empties the heap for another world.</summary>
    public void Clear()
    {
        Array.Clear(Entries, 0, Count);
        Count = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Before(long time, ulong sequence, ref Entry other) =>
        time < other.Time || (time == other.Time && sequence < other.Sequence);

    private void SiftUp(int index, EventSource source, long time, ulong sequence)
    {
        var entries = Entries;
        while (index > 0)
        {
            var parent = (index - 1) >> 1;
            ref var above = ref entries[parent];
            if (!Before(time, sequence, ref above)) break;
            entries[index] = above;
            above.Source.HeapIndex = index;
            index = parent;
        }
        entries[index] = new() { Time = time, Sequence = sequence, Source = source };
        source.HeapIndex = index;
    }

    private void SiftDown(int index, EventSource source, long time, ulong sequence)
    {
        var entries = Entries;
        var count = Count;
        while (true)
        {
            var child = 2 * index + 1;
            if (child >= count) break;
            if (child + 1 < count && Before(entries[child + 1].Time, entries[child + 1].Sequence, ref entries[child])) child++;
            ref var below = ref entries[child];
            if (below.Time > time || (below.Time == time && below.Sequence >= sequence)) break;
            entries[index] = below;
            below.Source.HeapIndex = index;
            index = child;
        }
        entries[index] = new() { Time = time, Sequence = sequence, Source = source };
        source.HeapIndex = index;
    }
}
