namespace Weft.Protocol.Values;

/// <summary>
/// A peer broke its specification. Peers do: drop, NAK or disconnect is the receiver's decision, so this is a value and not an exception.
/// </summary>
/// <param name="Rule">Short stable name of the broken rule, e.g. <c>bth-tver</c>.</param>
/// <param name="Spec">The section that states it, e.g. <c>IBA 9.2.2</c> or <c>RFC 7143 §6.3</c>.</param>
/// <param name="Detail">What was seen and what was allowed.</param>
public sealed record Violation(string Rule, string Spec, string Detail)
{
    public override string ToString() => $"{Rule}: {Detail} [{Spec}]";
}
