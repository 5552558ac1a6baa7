using Weft.Fabric.Verbs;

namespace Weft.Target.Rdma;

/// <summary>One work request of a send queue, from the moment it is wanted to its completion. Pooled by <see cref="SendQueue{T}"/>.</summary>
internal sealed class SendWork<TTask>(int index)
    where TTask : class
{
    public int Index { get; } = index;
    /// <summary>What it is for, in its owner's terms.</summary>
    public byte Kind;
    /// <summary>An RDMA READ, which counts against the depth that the peer answers.</summary>
    public bool IsRead;
    public TTask? Task;
    public SendRequest Request;
    public Sge Sge;
    public SendWork<TTask>? Next;
}
