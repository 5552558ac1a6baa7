namespace Weft.Fabric.Sim.Choose;

/// <summary>What the nodes of a world ask: sends open kinds to the explorer and the others to the seed, and counts.</summary>
internal sealed class WorldChooser(World world, ChoiceKinds open, IChooser explorer, SeededChooser seeded) : IChooser
{
    public int Choose(int n, in ChoicePoint why)
    {
        if (n <= 1) return 0;
        var isOpen = open.Has(why.Kind);
        var chosen = isOpen ? explorer.Choose(n, in why) : seeded.Choose(n, in why);
        world.Statistics.Choices++;
        world.Observer?.OnChoice(in why, n, chosen, isOpen);
        if ((uint)chosen >= (uint)n) throw new InvalidOperationException($"a chooser answered {chosen} of {n}");
        return chosen;
    }

    public ulong Draw(int bits, in ChoicePoint why) => open.Has(why.Kind) ? explorer.Draw(bits, in why) : seeded.Draw(bits, in why);
}
