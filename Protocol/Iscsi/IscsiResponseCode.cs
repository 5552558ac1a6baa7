namespace Weft.Protocol.Iscsi;

/// <summary>Whether the target completed the command at all. RFC 7143 §11.4.3. 0x80 and above are the vendor's.</summary>
public enum IscsiResponseCode : byte
{
    Completed = 0,
    TargetFailure = 1,
}
