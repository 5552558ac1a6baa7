namespace Weft.Protocol.Scsi;

/// <summary>Byte 1 of READ and WRITE, without the protection bits. SBC-3 §5.8.</summary>
[Flags]
public enum BlockFlags : byte
{
    None = 0,
    /// <summary>Force unit access to non-volatile cache; obsolete.</summary>
    FuaNv = 0x02,
    /// <summary>Rebuild assist (READ only).</summary>
    Rarc = 0x04,
    /// <summary>Force unit access: the data is on the medium before status.</summary>
    Fua = 0x08,
    /// <summary>Disable page out: a caching hint.</summary>
    Dpo = 0x10,
}
