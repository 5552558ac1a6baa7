namespace Weft.Fabric.Sim.Choose;

/// <summary>Nothing remarkable ever happens: alternative 0, and draws from a seed.</summary>
public sealed class DefaultChooser(ulong seed = 0) : IChooser
{
    private readonly SeededChooser draws = new(seed);

    public int Choose(int n, in ChoicePoint why) => 0;
    public ulong Draw(int bits, in ChoicePoint why) => draws.Draw(bits, in why);
}
