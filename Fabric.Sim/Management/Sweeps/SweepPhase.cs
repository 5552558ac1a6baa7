namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>What a sweep is doing. Each phase ends when all its requests are answered or lost.</summary>
internal enum SweepPhase : byte
{
    Idle,
    /// <summary>Asks every switch whether a port of it has changed.</summary>
    Look,
    Discover,
    /// <summary>Asks other managers for their state.</summary>
    Managers,
    ReadKeys,
    WriteKeys,
    Addresses,
    Tables,
    Groups,
    /// <summary>Lanes of service levels, and how lanes share a link.</summary>
    Lanes,
    Arm,
    Activate,
}
