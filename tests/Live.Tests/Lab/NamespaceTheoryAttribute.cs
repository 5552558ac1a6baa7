
namespace Weft.Live.Tests.Lab;

/// <summary>A test of several cases in network namespaces; without root it is skipped, and says so.</summary>
public sealed class NamespaceTheoryAttribute : TheoryAttribute
{
    public NamespaceTheoryAttribute()
    {
        Skip = VethPair.WhyNot!;
    }
}
