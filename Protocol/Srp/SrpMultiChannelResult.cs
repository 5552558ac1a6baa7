namespace Weft.Protocol.Srp;

/// <summary>What a login made of other channels of its nexus. SRP r16a §6.3, MULTI-CHANNEL RESULT.</summary>
public enum SrpMultiChannelResult : byte
{
    /// <summary>There were none.</summary>
    None = 0,
    Terminated = 1,
    Maintained = 2,
}
