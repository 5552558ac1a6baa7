namespace Weft.Protocol.Ethernet;

/// <summary>RFC 826.</summary>
public enum ArpOperation : ushort
{
    Request = 1,
    Reply = 2,
}
