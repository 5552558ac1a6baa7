namespace Weft.Scenarios.Tests.Subnets;

/// <summary>A test with the real OpenSM, ibsim and infiniband-diags; skipped by name where they are missing.</summary>
public sealed class SubnetToolsFactAttribute : FactAttribute
{
    /// <param name="isLong">It takes minutes, and is run only where WEFT_LONG_TESTS is set.</param>
    public SubnetToolsFactAttribute(bool isLong = false)
    {
        Skip = SubnetTools.WhyNot!;
        if (isLong && Environment.GetEnvironmentVariable("WEFT_LONG_TESTS") is null) Skip ??= "takes minutes; set WEFT_LONG_TESTS=1 to run it";
    }
}
