namespace Weft.Protocol.Scsi;

/// <summary>Which way a command's data goes, from the initiator's point of view.</summary>
public enum DataDirection : byte
{
    None,
    /// <summary>Target to initiator.</summary>
    In,
    /// <summary>Initiator to target.</summary>
    Out,
}
