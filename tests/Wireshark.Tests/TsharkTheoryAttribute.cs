namespace Weft.Wireshark.Tests;

/// <summary>A theory that needs tshark; without it, it is reported as skipped, with the reason and the remedy.</summary>
public sealed class TsharkTheoryAttribute : TheoryAttribute
{
    public TsharkTheoryAttribute() => Skip = Tshark.SkipReason;
}
