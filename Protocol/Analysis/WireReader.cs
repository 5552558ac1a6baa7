using Weft.Protocol.Capture;
using Weft.Protocol.Ib;
using Weft.Protocol.Roce;

namespace Weft.Protocol.Analysis;

/// <summary>Reads frames of a wire or a capture as RoCE packets.</summary>
public static class WireReader
{
    /// <summary>Looks at one Ethernet frame. Never throws; allocates only to say what is damaged.</summary>
    /// <param name="verifiesIcrc">Not needed where nothing can have happened to the frame since it was made.</param>
    public static WireVerdict Read(
        ReadOnlySpan<byte> frame, int number, Instant time, CaptureDirection direction, out WirePacket packet, out Violation? violation,
        bool verifiesIcrc = true)
    {
        packet = default;
        violation = null;
        var fault = RoceFrame.TryParse(frame, out var parts);
        if (fault == FrameFault.NotRoce) return WireVerdict.NotRoce;
        if (fault != FrameFault.None)
        {
            violation = fault.ToViolation(frame);
            return WireVerdict.Damaged;
        }
        var bytes = parts.Transport(frame);
        if (verifiesIcrc && !parts.IsIcrcCorrect(frame))
        {
            violation = new("icrc", "IBA 7.8.1", $"the ICRC is {Icrc.Read(frame[parts.IcrcOffset..]):x8}, should be {parts.ComputeIcrc(frame):x8}");
            return WireVerdict.Damaged;
        }
        var wrong = TransportPacket.TryParse(bytes, out var transport);
        if (wrong != PacketFault.None)
        {
            violation = wrong.ToViolation(bytes);
            return WireVerdict.Damaged;
        }
        parts.ReadAddresses(frame, out var source, out var destination);
        packet = new WirePacket
        {
            Number = number, Time = time, Direction = direction, Frame = frame, Parts = parts, Source = source, Destination = destination, Transport = transport,
        };
        return WireVerdict.Good;
    }
}
