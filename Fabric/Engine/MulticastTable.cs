using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine;

/// <summary>Which datagram QPs listen to which groups, in the order in which they joined. IBA Vol 1 §10.5.</summary>
internal sealed class MulticastTable
{
    private readonly List<(Gid Group, QueuePair Qp)> members = [];

    public int Count => members.Count;
    public (Gid Group, QueuePair Qp) this[int index] => members[index];

    public VerbsError? Attach(Gid group, QueuePair qp)
    {
        if (!members.Contains((group, qp))) members.Add((group, qp));
        return null;
    }

    public VerbsError? Detach(Gid group, QueuePair qp) =>
        members.Remove((group, qp)) ? null : new(VerbsErrorCode.NotFound, $"not attached to {group}");

    public void DetachAll(QueuePair qp) => members.RemoveAll(m => m.Qp == qp);
}
