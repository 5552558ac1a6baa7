namespace Weft.Scenarios.Captures;

/// <summary>One line of <c>weft capture show</c>.</summary>
/// <param name="Frame">Of the message's last packet.</param>
/// <param name="QueuePair">Destination; none for what is no RoCE packet.</param>
/// <param name="PeerQueuePair">The other end of the connection, where it is known.</param>
/// <param name="IsDetail">An acknowledgement, or a packet that is sent again.</param>
/// <param name="IsMessage">A message of the CM or an upper layer, no acknowledgement, RDMA or foreign frame.</param>
internal sealed record ShownMessage(
    int Frame, Instant Time, string Source, string Destination, Qpn? QueuePair, Qpn? PeerQueuePair, Psn? First, Psn? Last, bool IsMessage, string Text,
    bool IsDetail = false)
{
    public string Line
    {
        get
        {
            var psn = First is not { } first ? "" : Last is { } last && last != first ? $"{first.Value:x6}-{last.Value:x6}" : $"{first.Value:x6}";
            var qp = QueuePair is { } number ? $"{number.Value:x6}" : "";
            return FormattableString.Invariant(
                $"{Frame,6} {Time.Nanoseconds / 1_000_000_000,4}.{Time.Nanoseconds % 1_000_000_000 / 1000:d6} {Source,11} > {Destination,-11} {qp,6} {psn,-13} {Text}");
        }
    }

    public object Document => new
    {
        Frame, TimeNs = Time.Nanoseconds, Source, Destination, Qp = QueuePair?.Value, PeerQp = PeerQueuePair?.Value, Psn = First?.Value, LastPsn = Last?.Value, IsMessage, Text,
    };
}
