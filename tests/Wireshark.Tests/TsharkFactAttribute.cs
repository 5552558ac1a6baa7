namespace Weft.Wireshark.Tests;

/// <summary>A test that needs tshark; without it, it is reported as skipped, with the reason and the remedy.</summary>
public sealed class TsharkFactAttribute : FactAttribute
{
    public TsharkFactAttribute() => Skip = Tshark.SkipReason;
}
