namespace Weft.Protocol.Analysis;

/// <summary>What a passive check has to say about one frame.</summary>
/// <param name="Frame">Number of the frame at which it showed.</param>
/// <param name="Where">The connection and direction, in people's terms; empty when there is none.</param>
public sealed record Finding(FindingSeverity Severity, Violation Violation, int Frame, Instant Time, string Where)
{
    public override string ToString() => $"frame {Frame}: {Violation}{(Where.Length == 0 ? "" : $" on {Where}")}";
}
