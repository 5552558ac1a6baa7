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
    private readonly Stack<Links.FrameSlot[]> rings = new();

    internal void Begin()
    {
        Frames.Reclaim();
        Heap.Clear();
        Candidates.Clear();
    }

    internal Links.FrameSlot[] RentRing() => rings.Count > 0 ? rings.Pop() : new Links.FrameSlot[8];
    internal void ReturnRing(Links.FrameSlot[] ring)
    {
        Array.Clear(ring);
        rings.Push(ring);
    }
}
