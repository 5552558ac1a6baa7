namespace Weft.Scenarios.Tests.Subnets;

/// <summary>A theory with the real OpenSM, ibsim and infiniband-diags; skipped by name where they are missing.</summary>
public sealed class SubnetToolsTheoryAttribute : TheoryAttribute
{
    public SubnetToolsTheoryAttribute() => Skip = SubnetTools.WhyNot!;
}
