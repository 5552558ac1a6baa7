namespace Weft.Protocol.Cm;

/// <summary>Port spaces of the RDMA CM: the part of a service ID above the port. IBA Vol 1 annex A11.2.</summary>
public enum PortSpace : ushort
{
    IPoIB = 0x0002,
    /// <summary>Reliable connections: iSER, SRP over RDMA CM, rping.</summary>
    Tcp = 0x0106,
    /// <summary>Datagrams, resolved with SIDR.</summary>
    Udp = 0x0111,
    /// <summary>The IB CM itself: services by 64-bit IDs, paths given by the consumer.</summary>
    InfiniBand = 0x013F,
}
