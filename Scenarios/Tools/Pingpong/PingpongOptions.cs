using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Tools.Pingpong;

/// <summary>What the command lines of libibverbs' pingpong examples set.</summary>
/// <param name="Type">Transport of the queue pairs.</param>
/// <param name="IsShared">Several queue pairs with one receive queue (ibv_srq_pingpong).</param>
/// <param name="Size">Bytes of a message.</param>
/// <param name="ReceiveDepth">Receives posted at a time.</param>
/// <param name="Iterations">Exchanges, of all queue pairs together.</param>
/// <param name="UseEvents">Wait for notifications instead of polling.</param>
/// <param name="GidIndex">Our entry of the GID table.</param>
/// <param name="Validate">Compare every byte that arrives.</param>
internal sealed record PingpongOptions(
    QpType Type, bool IsShared, int Size, PathMtu Mtu, int ReceiveDepth, int Iterations, int QueuePairs, bool UseEvents, int GidIndex, bool Validate)
{
    public const ushort DefaultPort = 18515;
    /// <summary>ibv_srq_pingpong tells so many addresses, whatever it uses of them.</summary>
    public const int SharedAddresses = 256;

    /// <summary>Addresses that each side tells.</summary>
    public int Addresses => IsShared ? SharedAddresses : 1;
    /// <summary>Bytes in front of a received message: the GRH of a datagram.</summary>
    public int Headroom => Type == QpType.UnreliableDatagram ? 40 : 0;
}
