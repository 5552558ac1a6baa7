using Weft.Fabric.Verbs;
using Weft.Target.Rdma;

namespace Weft.Target.Srp;

/// <summary>
/// A receive buffer and the request in it. It stays with its command until that is answered, since descriptors and immediate data are
/// used where they arrived: so as many are posted as the initiator may still send requests.
/// </summary>
internal sealed class SrpReceive(RegisteredRegion region, int offset, int length, int index)
{
    public int Index { get; } = index;
    public Sge Sge { get; } = region.Sge(offset, length);
    /// <summary>With the device.</summary>
    public bool IsPosted;
    /// <summary>Bytes of the request.</summary>
    public int Received;
    /// <summary>Next in the line of requests that wait.</summary>
    public SrpReceive? Next;

    public Memory<byte> Unit => region.Memory.AsMemory(offset, Received);
}
