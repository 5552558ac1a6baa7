using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>One question or order of a sweep. What it says is written when it is sent, so a queue of hundreds of thousands stays small.</summary>
/// <param name="Node">Index in the inventory.</param>
/// <param name="Port">Port it is about; of a channel adapter also the one it is sent to.</param>
/// <param name="State">Link state to set with PortInfo.</param>
internal readonly record struct SweepRequest(SmpAttribute Attribute, bool IsSet, int Node, byte Port, uint Modifier = 0, PortState State = PortState.NoChange);
