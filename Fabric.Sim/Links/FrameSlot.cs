using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Links;

/// <summary>A frame in flight.</summary>
internal struct FrameSlot
{
    public Frame Frame;
    public QueueSlot Slot;
    /// <summary>How many later frames may still pass it.</summary>
    public int Passes;
}
