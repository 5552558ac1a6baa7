using Weft.Fabric.Verbs;
using Weft.Protocol.Ib;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>An RDMA WRITE that is coming in. IBA Vol 1 §9.7.4.1.5, §9.7.4.1.6.</summary>
internal struct WriteProgress(in Reth reth)
{
    private readonly Reth reth = reth;
    private uint stored;

    /// <summary>Bytes of the whole message.</summary>
    public readonly uint Total => reth.DmaLength;

    /// <summary>Whether so many bytes may come next: together exactly what the RETH announced.</summary>
    public readonly bool Admits(int payload, bool isLast)
    {
        var left = Total - stored;
        return Total <= Segmentation.MaxMessage && (isLast ? (uint)payload == left : (uint)payload < left);
    }

    /// <summary>
    /// Stores the next bytes. The key is judged for the whole message at its first packet, and again at each packet, since it may go
    /// away in between. A message of no bytes is not judged at all.
    /// </summary>
    public bool TryStore(QueuePair qp, ReadOnlySpan<byte> payload, bool checkAll)
    {
        if (Total == 0) return true;
        var memory = qp.Hca.Memory;
        if (!memory.TryRemote(reth.RKey, qp, reth.VirtualAddress + stored, checkAll ? Total : (uint)payload.Length, AccessFlags.RemoteWrite, out var region, out var offset))
            return false;
        region.CopyFrom(offset, payload);
        stored += (uint)payload.Length;
        return true;
    }
}
