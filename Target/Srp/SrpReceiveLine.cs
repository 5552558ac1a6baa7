namespace Weft.Target.Srp;

/// <summary>Requests that wait, in the order of their arrival.</summary>
internal struct SrpReceiveLine
{
    private SrpReceive? first, last;

    public readonly bool IsEmpty => first is null;
    public readonly SrpReceive? First => first;

    public void Add(SrpReceive receive)
    {
        receive.Next = null;
        if (first is null) first = receive;
        else last!.Next = receive;
        last = receive;
    }

    public SrpReceive Take()
    {
        var receive = first!;
        first = receive.Next;
        if (first is null) last = null;
        receive.Next = null;
        return receive;
    }
}
