namespace Weft.Target.Sessions;

/// <summary>A first-in first-out list of held PDUs, linked through themselves.</summary>
internal struct PduQueue
{
    private ReceivedPdu? first, last;

    public readonly ReceivedPdu? First => first;
    public readonly bool IsEmpty => first is null;

    public void Add(ReceivedPdu pdu)
    {
        pdu.Next = null;
        if (last is null) first = pdu;
        else last.Next = pdu;
        last = pdu;
    }

    public ReceivedPdu Take()
    {
        var pdu = first!;
        first = pdu.Next;
        if (first is null) last = null;
        pdu.Next = null;
        return pdu;
    }
}
