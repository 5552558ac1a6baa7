namespace Weft.Fabric.Execution;

/// <summary>
/// The one source of nondeterminism. A run is its list of answers: recorded, replayed, shrunk and compared.
/// </summary>
public interface IChooser
{
    /// <summary>Picks an alternative.</summary>
    /// <param name="n">Number of alternatives, at least 1. With 1 the answer is 0 and nothing is recorded.</param>
    /// <param name="why">The place that asks.</param>
    /// <returns>0..n-1. Alternative 0 is always the unremarkable one: first in order, no loss, no fault.</returns>
    int Choose(int n, in ChoicePoint why);

    /// <summary>Draws a value of 1..64 bits, for identifiers that must not be predictable (PSN, QPN, challenge).</summary>
    ulong Draw(int bits, in ChoicePoint why);
}
