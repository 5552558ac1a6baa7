namespace Weft.Protocol.Mad;

/// <summary>Status of a MAD, the bits that all classes share. IBA Vol 1 §13.4.7.</summary>
public static class MadStatus
{
    public const ushort Ok = 0, Busy = 0x0001, Redirect = 0x0002;
    public const ushort BadVersion = 0x0004, UnsupportedMethod = 0x0008, UnsupportedAttribute = 0x000C, InvalidField = 0x001C;
}
