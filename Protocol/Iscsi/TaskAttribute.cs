namespace Weft.Protocol.Iscsi;

/// <summary>SCSI task attribute as the command carries it. RFC 7143 §11.3.1.</summary>
public enum TaskAttribute : byte
{
    Untagged = 0,
    Simple = 1,
    Ordered = 2,
    HeadOfQueue = 3,
    Aca = 4,
}
