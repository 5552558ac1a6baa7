namespace Weft.Protocol.Iscsi.Text;

/// <summary>
/// A target's half of one text exchange in full feature phase: joins a continued request, and hands a long answer out piece by piece
/// under a target transfer tag. One exchange at a time. RFC 7143 §11.10, §11.11.
/// </summary>
public sealed class TextResponder(int maxAnswer = 65536)
{
    private readonly TextAssembler request = new(TextAssembler.DefaultBound);
    private byte[] answer = [];
    private int length, sent;
    private uint nextTag = 1;

    /// <summary>Tag that the next request of the exchange must carry; reserved if no exchange is open.</summary>
    public TaskTag Tag { get; private set; } = TaskTag.Reserved;
    public ReadOnlySpan<byte> Request => request.Text;
    private bool HasMore => sent < length;

    /// <summary>
    /// Takes a request. A new exchange (reserved tag) drops an unfinished one. Afterwards, if <paramref name="complete"/>, the whole
    /// request is in <see cref="Request"/> and <see cref="Answer"/> is due before <see cref="Next"/>.
    /// </summary>
    public Violation? Take(in TextRequestPdu pdu, ReadOnlySpan<byte> data, out bool complete)
    {
        complete = false;
        if (pdu is { Final: true, Continue: true }) return Broken("F and C together");
        if (pdu.TargetTransferTag.IsReserved) Reset();
        else if (pdu.TargetTransferTag != Tag) return Broken($"TTT {pdu.TargetTransferTag}, open is {Tag}");
        if (HasMore) return data.IsEmpty ? null : Broken("text while the answer is not finished");
        if (request.Append(data) is { } bound) return bound;
        complete = !pdu.Continue;
        return null;
    }

    /// <summary>Room for the whole answer; returns its length by <see cref="Commit"/>.</summary>
    public Span<byte> Answer()
    {
        if (answer.Length == 0) answer = new byte[maxAnswer];
        return answer;
    }

    public void Commit(int answerLength)
    {
        (length, sent) = (answerLength, 0);
        request.Clear();
    }

    /// <summary>Makes the next response of the exchange; StatSN and the command numbers are the caller's.</summary>
    public void Next(in TextRequestPdu pdu, int maxData, Span<byte> data, out TextResponsePdu response)
    {
        var n = Math.Min(maxData, length - sent);
        answer.AsSpan(sent, n).CopyTo(data);
        sent += n;
        // C marks text that goes on; without it and without F the target only waits for the rest of a continued request
        var final = !HasMore && pdu.Final;
        Tag = final ? TaskTag.Reserved : Tag.IsReserved ? new(nextTag++ & 0x7FFF_FFFF) : Tag;
        response = new()
        {
            Final = final,
            Continue = HasMore,
            Lun = pdu.Lun,
            InitiatorTaskTag = pdu.InitiatorTaskTag,
            TargetTransferTag = Tag,
            DataSegmentLength = n,
        };
        if (final) Reset();
    }

    private void Reset()
    {
        request.Clear();
        (length, sent, Tag) = (0, 0, TaskTag.Reserved);
    }

    private static Violation Broken(string detail) => new("text-exchange", "RFC 7143 §11.10", detail);
}
