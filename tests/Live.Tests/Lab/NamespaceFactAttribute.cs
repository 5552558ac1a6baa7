namespace Weft.Live.Tests.Lab;

/// <summary>A test in network namespaces; without root it is skipped, and says so.</summary>
public sealed class NamespaceFactAttribute : FactAttribute
{
    public NamespaceFactAttribute()
    {
        Skip = VethPair.WhyNot!;
    }
}
