namespace Weft.Fabric.Sim;

/// <summary>A claim of a scenario does not hold.</summary>
/// <param name="rule">Stable name of the claim.</param>
public class ClaimException(string rule, string message) : Exception(message)
{
    public string Rule { get; } = rule;
}
