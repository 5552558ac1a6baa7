namespace Weft.Protocol.Ib;

/// <summary>Bits 7..5 of the BTH opcode. IBA Vol 1 §9.2.1.</summary>
public enum TransportService : byte
{
    ReliableConnection = 0,
    UnreliableConnection = 1,
    ReliableDatagram = 2,
    UnreliableDatagram = 3,
    CongestionNotification = 4,
    ExtendedReliableConnection = 5,
    Reserved = 6,
    VendorSpecific = 7,
}
