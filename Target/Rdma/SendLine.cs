namespace Weft.Target.Rdma;

/// <summary>Work requests that wait, first in first out.</summary>
internal struct SendLine<TTask>
    where TTask : class
{
    private SendWork<TTask>? first, last;

    public readonly bool IsEmpty => first is null;

    public void Add(SendWork<TTask> work)
    {
        work.Next = null;
        if (first is null) first = work;
        else last!.Next = work;
        last = work;
    }

    public SendWork<TTask> Take()
    {
        var work = first!;
        first = work.Next;
        if (first is null) last = null;
        work.Next = null;
        return work;
    }
}
