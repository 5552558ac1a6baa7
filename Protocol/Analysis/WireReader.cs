using Weft.Protocol.Capture;
using Weft.Protocol.Ib;
using Weft.Protocol.Roce;

namespace Weft.Protocol.Analysis;

/// <summary>Reads frames of a wire or a capture as packets of RoCE or InfiniBand.</summary>
public static class WireReader
{
    /// <summary>Looks at one frame. Never throws; allocates only to say what is damaged.</summary>
    /// <param name="verifies">Whether CRCs are checked: not needed where nothing can have happened to the frame since it was made.</param>
    /// <param name="linkType">Ethernet or InfiniBand.</param>
    public static WireVerdict Read(
        ReadOnlySpan<byte> frame, int number, Instant time, CaptureDirection direction, out WirePacket packet, out Violation? violation,
        bool verifies = true, CaptureLinkType linkType = CaptureLinkType.Ethernet)
    {
        packet = default;
        return linkType == CaptureLinkType.InfiniBand
            ? ReadInfiniBand(frame, number, time, direction, ref packet, out violation, verifies)
            : ReadEthernet(frame, number, time, direction, ref packet, out violation, verifies);
    }

    private static WireVerdict ReadEthernet(
        ReadOnlySpan<byte> frame, int number, Instant time, CaptureDirection direction, ref WirePacket packet, out Violation? violation, bool verifies)
    {
        violation = null;
        var fault = RoceFrame.TryParse(frame, out var parts);
        if (fault == FrameFault.NotRoce) return WireVerdict.NotRoce;
        if (fault != FrameFault.None) violation = fault.ToViolation(frame);
        else if (verifies && !parts.IsUdpChecksumCorrect(frame)) violation = new("udp-checksum", "RFC 768", "the UDP checksum is neither right nor 0");
        else if (verifies && !parts.IsIcrcCorrect(frame)) violation = BadIcrc(frame[parts.IcrcOffset..], parts.ComputeIcrc(frame));
        if (violation is not null || (violation = Parse(parts.Transport(frame), out var transport)) is not null) return WireVerdict.Damaged;
        parts.ReadAddresses(frame, out var source, out var destination);
        packet = new WirePacket
        {
            Number = number, Time = time, Direction = direction, Frame = frame, Roce = parts, Source = source, Destination = destination, Transport = transport,
        };
        return WireVerdict.Good;
    }

    private static WireVerdict ReadInfiniBand(
        ReadOnlySpan<byte> frame, int number, Instant time, CaptureDirection direction, ref WirePacket packet, out Violation? violation, bool verifies)
    {
        violation = null;
        var fault = IbFrame.TryParse(frame, out var parts);
        if (fault == LinkFault.Raw) return WireVerdict.NotRoce;
        if (fault != LinkFault.None) violation = fault.ToViolation(frame);
        else if (verifies && !IbFrame.IsVcrcCorrect(frame)) violation = new("vcrc", "IBA 7.8.2", "the VCRC is wrong");
        else if (verifies && !parts.IsIcrcCorrect(frame)) violation = BadIcrc(frame[parts.IcrcOffset..], parts.ComputeIcrc(frame));
        if (violation is not null || (violation = Parse(parts.Transport(frame), out var transport)) is not null) return WireVerdict.Damaged;
        Lrh.TryRead(frame, out var lrh);
        packet = new WirePacket
        {
            Number = number, Time = time, Direction = direction, Frame = frame, InfiniBand = parts, Transport = transport,
            Source = new(0, lrh.Source.Value), Destination = new(0, lrh.Destination.Value),
        };
        return WireVerdict.Good;
    }

    private static Violation BadIcrc(ReadOnlySpan<byte> stored, uint computed) =>
        new("icrc", "IBA 7.8.1", $"the ICRC is {Icrc.Read(stored):x8}, should be {computed:x8}");

    private static Violation? Parse(ReadOnlySpan<byte> bytes, out TransportPacket transport)
    {
        var wrong = TransportPacket.TryParse(bytes, out transport);
        return wrong == PacketFault.None ? null : wrong.ToViolation(bytes);
    }
}
