using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Links;

/// <summary>A frame in flight.</summary>
internal struct FrameSlot
{
    public Frame Frame;
    public QueueSlot Slot;
    /// <summary>How many later frames may still pass it.</summary>
    public int Passes;
    /// <summary>Virtual lane, and blocks of its buffer that the frame takes up at the receiver: on InfiniBand.</summary>
    public byte VirtualLane;
    public int Blocks;
}
