using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Links;

/// <summary>A frame that waits for credits, or for its turn.</summary>
/// <param name="Since">When it could have left, in nanoseconds.</param>
/// <param name="Hold">What it takes up where it came in; none at a host.</param>
internal readonly record struct WaitingFrame(Frame Frame, long Since, BufferHold? Hold);
