namespace Weft.Fabric.Sim.Subnet;

/// <summary>What an agent made of a MAD.</summary>
public enum AgentAction : byte
{
    /// <summary>Nothing comes back.</summary>
    Drop,
    /// <summary>The MAD has become the answer; it goes back where it came from.</summary>
    Answer,
    /// <summary>Not the agent's: for the program that manages or is managed at this port, if one is there.</summary>
    Deliver,
}
