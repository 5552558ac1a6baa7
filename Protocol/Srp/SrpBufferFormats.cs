namespace Weft.Protocol.Srp;

/// <summary>Bits of the buffer formats that a login asks for or offers. SRP r16a §6.2.</summary>
[Flags]
public enum SrpBufferFormats : ushort
{
    None = 0,
    Direct = 0x02,
    Indirect = 0x04,
}

/// <summary>How one direction of a command describes its buffer. SRP r16a §5.6.2; immediate data is an SRP-2 addition.</summary>
public enum SrpDataFormat : byte
{
    None = 0,
    Direct = 1,
    Indirect = 2,
    /// <summary>Data-out only: the data is in the information unit itself.</summary>
    Immediate = 3,
}
