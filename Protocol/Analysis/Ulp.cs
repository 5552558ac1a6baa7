namespace Weft.Protocol.Analysis;

/// <summary>What is spoken on a connection.</summary>
public enum Ulp : byte
{
    /// <summary>Nothing seen yet that would tell.</summary>
    Unknown,
    Iser,
    Srp,
    /// <summary>Something else: rping, perftest, a consumer of its own.</summary>
    Other,
}
