namespace Weft.Protocol.Iscsi;

/// <summary>Type byte of an additional header segment. RFC 7143 §11.2.2.1.</summary>
public enum AhsType : byte
{
    ExtendedCdb = 1,
    BidirectionalReadLength = 2,
}
