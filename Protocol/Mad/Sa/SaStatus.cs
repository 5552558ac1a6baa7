namespace Weft.Protocol.Mad.Sa;

/// <summary>Status of an answer, as it stands in the MAD header. The low byte is common to all classes (IBA Vol 1 §13.4.7), the high byte is the SA's (§15.2.2).</summary>
public static class SaStatus
{
    public const ushort Ok = 0;
    public const ushort BadVersion = 0x0004;
    public const ushort MethodNotSupported = 0x0008;
    public const ushort MethodAttributeNotSupported = 0x000C;
    public const ushort InvalidField = 0x001C;
    public const ushort NoResources = 0x0100;
    public const ushort RequestInvalid = 0x0200;
    public const ushort NoRecords = 0x0300;
    public const ushort TooManyRecords = 0x0400;
    public const ushort InvalidGid = 0x0500;
    public const ushort InsufficientComponents = 0x0600;
    public const ushort Denied = 0x0700;
}
