namespace Weft.Fabric.Execution;

/// <summary>Who decides when something queued runs relative to others that are due in the same interval.</summary>
public enum OrderFreedom : byte
{
    /// <summary>Nobody: it runs in order of time, then of posting.</summary>
    Fixed,
    /// <summary>The seed.</summary>
    Seeded,
    /// <summary>Exploration.</summary>
    Open,
}
