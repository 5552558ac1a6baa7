namespace Weft.Protocol.Scsi;

/// <summary>What the length field of a CDB counts.</summary>
public enum CountUnit : byte
{
    None,
    /// <summary>Logical blocks.</summary>
    Blocks,
    /// <summary>Bytes the initiator has room for; a longer answer is cut without error. SPC-4 §4.2.5.6.</summary>
    Allocation,
    /// <summary>Bytes of parameter list that the initiator sends. SPC-4 §4.2.5.5.</summary>
    Parameters,
}
