using Weft.Fabric.Execution;

namespace Weft.Target.Luns;

/// <summary>A lane of a store and how many questions wait in it.</summary>
internal sealed class StoreLane(ILane lane)
{
    public readonly ILane Lane = lane;
    public int Waiting;
}
