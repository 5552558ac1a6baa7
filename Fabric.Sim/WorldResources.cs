using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim;

/// <summary>
/// Buffers that consecutive worlds share, so that making a world costs little. For one world at a time; making the next one takes
/// everything back from the one before.
/// </summary>
public sealed class WorldResources
{
    public FramePool Frames { get; } = new();
    internal EventHeap Heap { get; } = new();
    internal Choose.SeededChooser Seeded { get; } = new(0);
    internal List<EventSource> Candidates { get; } = [];
    internal int[] HeapWalk = new int[64];
    private readonly List<Links.FrameSlot[]> rings = [];
    private int rented;

    internal void Begin()
    {
        Frames.Reclaim();
        Heap.Clear();
        Candidates.Clear();
        rented = 0;
    }

    /// <summary>A small ring for frames in flight; it is taken back with the next world.</summary>
    internal Links.FrameSlot[] RentRing()
    {
        if (rented == rings.Count) rings.Add(new Links.FrameSlot[8]);
        var ring = rings[rented++];
        Array.Clear(ring);
        return ring;
    }
}
