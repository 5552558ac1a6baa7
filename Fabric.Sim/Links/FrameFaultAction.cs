namespace Weft.Fabric.Sim.Links;

/// <summary>What a planned fault does to a frame.</summary>
public enum FrameFaultAction : byte
{
    Drop,
    Duplicate,
    /// <summary>Holds it up, and what follows it in its flow.</summary>
    Delay,
    /// <summary>Inverts one bit.</summary>
    Corrupt,
}
