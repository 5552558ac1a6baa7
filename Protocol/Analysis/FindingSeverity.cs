namespace Weft.Protocol.Analysis;

/// <summary>How much a finding says.</summary>
public enum FindingSeverity : byte
{
    /// <summary>Something was not seen here, or cannot be judged from what was: a loss, a capture that starts late.</summary>
    Note,
    /// <summary>Somebody broke a rule.</summary>
    Violation,
}
