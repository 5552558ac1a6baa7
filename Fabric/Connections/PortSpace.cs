namespace Weft.Fabric.Connections;

/// <summary>Port spaces of the RDMA CM; the numbers stand in the service ID.</summary>
public enum PortSpace : ushort
{
    IPoIB = 0x0002,
    Tcp = 0x0106,
    Udp = 0x0111,
    /// <summary>The IB CM itself: services by 64-bit ids, paths given by the consumer.</summary>
    InfiniBand = 0x013F,
}
