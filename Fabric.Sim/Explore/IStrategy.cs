namespace Weft.Fabric.Sim.Explore;

/// <summary>Which runs to make, one after the other.</summary>
public interface IStrategy
{
    string Name { get; }

    /// <summary>The chooser for the next run; null: there is nothing left to try.</summary>
    /// <param name="seed">Seed for what is not open, for a strategy that varies it.</param>
    IChooser? Next(out ulong seed);

    /// <summary>The run with the chooser given last is over.</summary>
    void Completed(RunResult result);

    /// <summary>What it left out and how it knows, for the report; empty when it leaves nothing out knowingly.</summary>
    string Describe() => "";
}
