namespace Weft.Target.Luns;

/// <summary>When a simulated back end answers.</summary>
/// <param name="Lanes">
/// 0: inside the call, no choice of order. 1: later, in the order of the questions. n: later, and up to n questions may overtake each other:
/// their order is a choice of kind <see cref="Weft.Fabric.Execution.ChoiceKind.BackEnd"/>.
/// </param>
/// <param name="Latency">An answer comes at the earliest so long after its question.</param>
public readonly record struct StoreTiming(int Lanes, Duration Latency = default)
{
    public static readonly StoreTiming Inline;
    public static readonly StoreTiming InOrder = new(1);
    public static StoreTiming AnyOrder(int depth = 32, Duration latency = default) => new(depth, latency);
}
