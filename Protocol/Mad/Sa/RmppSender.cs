namespace Weft.Protocol.Mad.Sa;

/// <summary>
/// The sending half of a multi-packet transfer: cuts records into segments, keeps within the receiver's window, sends again what is not
/// acknowledged in time. IBA Vol 1 §13.6.6. Holds no clock: call <see cref="TryTake"/> until it is empty after every call, and
/// <see cref="OnTimeout"/> at <see cref="Deadline"/>.
/// </summary>
public sealed class RmppSender
{
    private const int Header = SaHeader.DataOffset;
    private readonly byte[] header = new byte[Header];
    private readonly ReadOnlyMemory<byte> records;
    private readonly RmppLimits limits;
    private uint acknowledged, next = 1, window = 1;
    private int retries;
    private bool owesAbort;

    /// <param name="header">MAD header and SA header of the answer, 56 bytes; the RMPP header in it is written here.</param>
    /// <param name="records">All records, padded to the attribute offset. Not copied: must not change until the transfer has ended.</param>
    /// <param name="limits">Bounds and times.</param>
    public RmppSender(ReadOnlySpan<byte> header, ReadOnlyMemory<byte> records, RmppLimits limits)
    {
        header[..Header].CopyTo(this.header);
        (this.records, this.limits) = (records, limits);
        Segments = Math.Max(1, (uint)((records.Length + SaHeader.DataLength - 1) / SaHeader.DataLength));
    }

    public RmppState State { get; private set; }
    public RmppStatus Status { get; private set; }
    /// <summary>Segments of the whole transfer; one even when there are no records.</summary>
    public uint Segments { get; }
    /// <summary>When to call <see cref="OnTimeout"/>.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>The next MAD to send, 256 bytes; false when there is none now.</summary>
    public bool TryTake(Span<byte> mad, Instant now)
    {
        if (owesAbort)
        {
            owesAbort = false;
            Head(mad, new(RmppType.Abort, RmppFlags.Active, 0, 0, (byte)Status));
            return true;
        }
        if (State != RmppState.Active || next > Math.Min(window, Segments)) return false;
        var start = (int)(next - 1) * SaHeader.DataLength;
        var count = Math.Min(SaHeader.DataLength, records.Length - start);
        var (isFirst, isLast) = (next == 1, next == Segments);
        // Every segment carries the SA header again, and counts it as payload.
        var length = isLast ? count + SaHeader.Length : isFirst ? records.Length + (int)Segments * SaHeader.Length : 0;
        if (isFirst && isLast) length = records.Length + SaHeader.Length;
        var flags = RmppFlags.Active | (isFirst ? RmppFlags.First : 0) | (isLast ? RmppFlags.Last : 0);
        Head(mad, new(RmppType.Data, flags, next, (uint)length));
        records.Span.Slice(start, count).CopyTo(mad[Header..]);
        next++;
        Deadline = now + limits.ResponseTimeout;
        return true;
    }

    /// <summary>An ACK, STOP or ABORT of this transfer arrived. Anything else is passed over.</summary>
    public void OnMad(in RmppHeader rmpp, Instant now)
    {
        if (State != RmppState.Active || !rmpp.IsActive) return;
        if (rmpp.Version != RmppHeader.CurrentVersion) Abort(RmppStatus.UnsupportedVersion);
        else if (rmpp.Type is RmppType.Stop or RmppType.Abort) End(RmppState.Failed, (RmppStatus)rmpp.Status);
        else if (rmpp.Type == RmppType.Ack) OnAck(rmpp.Segment, rmpp.LengthOrWindow, now);
        else if (rmpp.Type != RmppType.Data) Abort(RmppStatus.BadType);
    }

    /// <summary>The time at <see cref="Deadline"/> has come: sends again from the first segment that is not acknowledged.</summary>
    public void OnTimeout(Instant now)
    {
        if (State != RmppState.Active || now < Deadline) return;
        if (retries++ == limits.MaxRetries)
        {
            Abort(RmppStatus.TooManyRetries);
            return;
        }
        next = acknowledged + 1;
        Deadline = now + limits.ResponseTimeout;
    }

    private void OnAck(uint segment, uint newWindow, Instant now)
    {
        if (segment >= next && segment > acknowledged && segment > window)
            Abort(RmppStatus.SegmentNumberTooBig);
        else if (newWindow < segment)
            Abort(RmppStatus.NewWindowTooSmall);
        else if (segment >= acknowledged)
        {
            if (segment == Segments)
            {
                End(RmppState.Done, RmppStatus.Normal);
                return;
            }
            if (segment > acknowledged) retries = 0;
            acknowledged = segment;
            next = Math.Max(next, segment + 1);
            window = Math.Max(window, Math.Min(newWindow, segment + (uint)limits.Window));
            Deadline = now + limits.ResponseTimeout;
        }
    }

    private void Head(Span<byte> mad, in RmppHeader rmpp)
    {
        header.CopyTo(mad);
        mad[Header..MadHeader.MadLength].Clear();
        rmpp.Write(mad);
    }

    private void Abort(RmppStatus status)
    {
        owesAbort = true;
        End(RmppState.Failed, status);
    }

    private void End(RmppState state, RmppStatus status) => (State, Status, Deadline) = (state, status, Instant.Never);
}
