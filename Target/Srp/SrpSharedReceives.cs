using Weft.Fabric.Verbs;
using Weft.Target.Rdma;

namespace Weft.Target.Srp;

/// <summary>The receive queue that all channels of a device share, with its buffers.</summary>
internal sealed class SrpSharedReceives
{
    private readonly RegisteredRegion region;
    private readonly ISharedReceiveQueue queue;

    /// <exception cref="VerbsException">The device has not that much.</exception>
    public SrpSharedReceives(IProtectionDomain domain, int count, int length)
    {
        region = new(domain, count * length);
        queue = domain.CreateSharedReceiveQueue(count, maxSge: 1);
        Slots = new SrpReceive[count];
        for (var i = 0; i < count; i++) Slots[i] = new(region, i * length, length, i);
        foreach (var slot in Slots) Post(slot);
    }

    public SrpReceive[] Slots { get; }
    public ISharedReceiveQueue Queue => queue;
    /// <summary>Buffers that hold a request now.</summary>
    public int Held { get; private set; }

    /// <summary>The device has put a request into a buffer.</summary>
    public void Taken(SrpReceive slot)
    {
        slot.IsPosted = false;
        Held++;
    }

    public void Return(SrpReceive slot)
    {
        Held--;
        Post(slot);
    }

    private void Post(SrpReceive slot) => slot.IsPosted = queue.PostReceive(SrpChannel.ReceiveId(slot.Index), [slot.Sge]) is null;

    public void Release()
    {
        if (Held > 0) throw new InvalidOperationException($"{Held} shared receive buffers are still in use");
        queue.Destroy();
        region.Deregister();
    }
}
