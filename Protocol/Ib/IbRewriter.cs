namespace Weft.Protocol.Ib;

/// <summary>Makes an InfiniBand packet again from the values of its headers, with computed CRCs: identical bytes prove that the values hold all.</summary>
public static class IbRewriter
{
    /// <param name="frame">A frame that <see cref="IbFrame.TryParse"/> took.</param>
    /// <param name="parts">Its parts.</param>
    /// <param name="packet">Its transport packet, parsed without a fault.</param>
    /// <param name="target">As long as the frame.</param>
    public static void Rewrite(ReadOnlySpan<byte> frame, IbFrame parts, in TransportPacket packet, Span<byte> target)
    {
        Lrh.TryRead(frame, out var lrh);
        lrh.Write(target);
        if (parts.IsGlobal)
        {
            Grh.TryRead(frame[Lrh.Length..], out var grh);
            grh.Write(target[Lrh.Length..]);
        }
        TransportRewriter.Rewrite(packet, target[parts.TransportOffset..]);
        Icrc.Write(target[parts.IcrcOffset..], parts.ComputeIcrc(target));
        IbFrame.WriteVcrc(target);
    }
}
