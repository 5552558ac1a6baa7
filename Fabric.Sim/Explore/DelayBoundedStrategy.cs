using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Explore;

/// <summary>
/// All runs that differ from the natural one by at most so many delays (Emmi, Qadeer, Rakamarić 2011): taking alternative i of an order
/// passes over, that is delays, i events and costs i; any other choice that is not 0 costs 1. Ends when all have been made.
/// </summary>
/// <param name="seed">For draws.</param>
public sealed class DelayBoundedStrategy(int delays, ulong seed = 1) : IStrategy, IChooser
{
    private readonly SeededChooser draws = new(0);
    private readonly List<Step> steps = [];
    private int position;
    private bool isFirst = true;

    private record struct Step(int Alternatives, int Chosen, bool IsOrder, int CostBefore)
    {
        public readonly int CostOf(int chosen) => CostBefore + (IsOrder ? chosen : chosen > 0 ? 1 : 0);
    }

    public string Name => "delay-bounded";

    public IChooser? Next(out ulong runSeed)
    {
        runSeed = seed;
        draws.Reset(seed);
        position = 0;
        if (isFirst)
        {
            isFirst = false;
            return this;
        }
        while (steps.Count > 0)
        {
            var last = steps[^1];
            if (last.Chosen + 1 < last.Alternatives && last.CostOf(last.Chosen + 1) <= delays)
            {
                steps[^1] = last with { Chosen = last.Chosen + 1 };
                return this;
            }
            steps.RemoveAt(steps.Count - 1);
        }
        return null;
    }

    public void Completed(RunResult result)
    {
    }

    public string Describe() => FormattableString.Invariant($"at most {delays} delays");

    int IChooser.Choose(int n, in ChoicePoint why)
    {
        if (n <= 1) return 0;
        if (position == steps.Count)
        {
            var cost = steps.Count == 0 ? 0 : steps[^1].CostOf(steps[^1].Chosen);
            steps.Add(new(n, 0, ChoiceKinds.Order.Has(why.Kind), cost));
        }
        var step = steps[position++];
        if (step.Alternatives != n)
            throw new InvalidOperationException($"the scenario is not deterministic: choice {position} had {step.Alternatives} alternatives, now it has {n}");
        return step.Chosen;
    }

    ulong IChooser.Draw(int bits, in ChoicePoint why) => draws.Draw(bits, in why);
}
