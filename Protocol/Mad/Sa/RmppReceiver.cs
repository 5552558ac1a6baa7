using System.Collections;

namespace Weft.Protocol.Mad.Sa;

/// <summary>
/// The receiving half of a multi-packet transfer: puts segments together, whatever their order, and acknowledges. IBA Vol 1 §13.6.7.
/// Holds no clock: send what <see cref="TryTake"/> gives after every call, and call <see cref="OnTimeout"/> at <see cref="Deadline"/>.
/// </summary>
public sealed class RmppReceiver
{
    private const int Header = SaHeader.DataOffset;
    private readonly RmppLimits limits;
    private readonly byte[] header = new byte[Header];
    private readonly BitArray arrived;
    private byte[] records = new byte[SaHeader.DataLength];
    private uint inOrder, window, lastSegment;
    private int lastLength;
    private bool hasHeader, owesAck, owesAbort;

    public RmppReceiver(RmppLimits limits)
    {
        this.limits = limits;
        arrived = new(limits.Window);
        window = 1;
    }

    public RmppState State { get; private set; }
    public RmppStatus Status { get; private set; }
    /// <summary>When to call <see cref="OnTimeout"/>.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;
    /// <summary>MAD header, RMPP header and SA header of the first segment.</summary>
    public ReadOnlySpan<byte> FirstHeader => header;
    /// <summary>The records, once <see cref="State"/> is <see cref="RmppState.Done"/>.</summary>
    public ReadOnlyMemory<byte> Records => State == RmppState.Done ? records.AsMemory(0, ((int)lastSegment - 1) * SaHeader.DataLength + lastLength) : default;

    /// <summary>A MAD of this transfer arrived, 256 bytes. A repeated segment is acknowledged again, also after the end.</summary>
    public void OnMad(ReadOnlySpan<byte> mad, Instant now)
    {
        if (State == RmppState.Failed || mad.Length < MadHeader.MadLength || !RmppHeader.TryRead(mad, out var rmpp) || !rmpp.IsActive) return;
        if (rmpp.Version != RmppHeader.CurrentVersion) Abort(RmppStatus.UnsupportedVersion);
        else if (rmpp.Type is RmppType.Stop or RmppType.Abort && State == RmppState.Active) End(RmppState.Failed, (RmppStatus)rmpp.Status);
        else if (rmpp.Type == RmppType.Data) OnData(mad, rmpp, now);
        else if (rmpp.Type > RmppType.Abort) Abort(RmppStatus.BadType);
    }

    /// <summary>The time at <see cref="Deadline"/> has come: nothing arrived for too long.</summary>
    public void OnTimeout(Instant now)
    {
        if (State == RmppState.Active && now >= Deadline) Abort(RmppStatus.TotalTimeTooLong);
    }

    /// <summary>The ACK or ABORT that is due, 256 bytes with the transaction of the transfer and its method answered; false when there is none.</summary>
    public bool TryTake(Span<byte> mad)
    {
        if (!owesAck && !owesAbort) return false;
        header.CopyTo(mad);
        mad[Header..MadHeader.MadLength].Clear();
        var rmpp = owesAbort
            ? new RmppHeader(RmppType.Abort, RmppFlags.Active, 0, 0, (byte)Status)
            : new RmppHeader(RmppType.Ack, RmppFlags.Active, inOrder, window);
        mad[3] ^= 0x80; // as the answer to what is being received: a client's ACK of GetTableResp is a GetTable. IBA Vol 1 §13.6.3
        rmpp.Write(mad);
        owesAck = owesAbort = false;
        return true;
    }

    private void OnData(ReadOnlySpan<byte> mad, in RmppHeader rmpp, Instant now)
    {
        var segment = rmpp.Segment;
        if (!hasHeader) mad[..Header].CopyTo(header);
        hasHeader = true;
        if (rmpp.Status != 0) Abort(RmppStatus.IllegalStatus);
        else if (segment == 0 || rmpp.IsFirst != (segment == 1)) Abort(RmppStatus.InconsistentFirstAndSegmentNumber);
        else if (segment <= inOrder) owesAck = true;
        else if (segment > window) Abort(RmppStatus.SegmentNumberTooBig);
        else Take(mad, rmpp, now);
    }

    private void Take(ReadOnlySpan<byte> mad, in RmppHeader rmpp, Instant now)
    {
        var length = SaHeader.DataLength;
        if (rmpp.IsLast)
        {
            length = (int)Math.Min(rmpp.LengthOrWindow, int.MaxValue) - SaHeader.Length;
            if (length is < 0 or > SaHeader.DataLength || (lastSegment != 0 && lastSegment != rmpp.Segment))
            {
                Abort(RmppStatus.InconsistentLastAndPayloadLength);
                return;
            }
            (lastSegment, lastLength) = (rmpp.Segment, length);
        }
        else if (lastSegment != 0 && rmpp.Segment >= lastSegment)
        {
            Abort(RmppStatus.InconsistentLastAndPayloadLength);
            return;
        }
        var end = (long)rmpp.Segment * SaHeader.DataLength;
        if (end > limits.MaxLength)
        {
            Abort(RmppStatus.ResourcesExhausted);
            return;
        }
        if (records.Length < end) Array.Resize(ref records, (int)Math.Min(limits.MaxLength, Math.Max(end, records.Length * 2L)));
        mad.Slice(Header, length).CopyTo(records.AsSpan((int)end - SaHeader.DataLength));
        arrived[Slot(rmpp.Segment)] = true;
        Advance();
        Deadline = State == RmppState.Active ? now + limits.ReceiveTimeout : Instant.Never;
    }

    // A gap is told at once, so that the sender's timer starts from what is missing; otherwise one ACK for each window.
    private void Advance()
    {
        var before = inOrder;
        while (inOrder < window && arrived[Slot(inOrder + 1)])
        {
            inOrder++;
            arrived[Slot(inOrder)] = false;
        }
        if (lastSegment != 0 && inOrder == lastSegment) End(RmppState.Done, RmppStatus.Normal);
        if (inOrder == window || State == RmppState.Done || inOrder == before)
        {
            window = Math.Max(window, inOrder + (uint)limits.Window);
            owesAck = true;
        }
    }

    private int Slot(uint segment) => (int)(segment % (uint)limits.Window);

    private void Abort(RmppStatus status)
    {
        if (State == RmppState.Active) End(RmppState.Failed, status);
        owesAbort = State == RmppState.Failed;
    }

    private void End(RmppState state, RmppStatus status) => (State, Status, Deadline) = (state, status, Instant.Never);
}
