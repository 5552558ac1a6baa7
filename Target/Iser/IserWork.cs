using Weft.Fabric.Verbs;

namespace Weft.Target.Iser;

/// <summary>One work request of the send queue, from the moment it is wanted to its completion. Pooled.</summary>
internal sealed class IserWork(int index)
{
    public int Index { get; } = index;
    public IserWorkKind Kind;
    public IserTask? Task;
    public SendRequest Request;
    public Sge Sge;
    public IserWork? Next;
}
