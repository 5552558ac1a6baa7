namespace Weft.Protocol.Analysis;

/// <summary>What a frame is to a reader of RoCE packets.</summary>
public enum WireVerdict : byte
{
    /// <summary>A RoCE packet that a receiver takes.</summary>
    Good,
    /// <summary>Somebody else's frame.</summary>
    NotRoce,
    /// <summary>A RoCE packet that a receiver drops: a header, a length, a checksum or the ICRC is wrong.</summary>
    Damaged,
}
