namespace Weft.Protocol.Roce;

/// <summary>Why an Ethernet frame is not a RoCEv2 packet, or not a good one.</summary>
public enum FrameFault : byte
{
    None,
    /// <summary>Ethernet, but not IP, or IP but not UDP to port 4791. Not an error: somebody else's packet.</summary>
    NotRoce,
    /// <summary>A header, or the length that it states, does not fit in the frame.</summary>
    Cut,
    /// <summary>An IP header that contradicts its EtherType, or has options or extension headers in front of UDP.</summary>
    NetworkHeader,
    /// <summary>A fragment; RoCEv2 packets are never fragmented. IBA annex A17.4.5.2.</summary>
    Fragment,
    /// <summary>The IPv4 header checksum is wrong.</summary>
    NetworkChecksum,
    /// <summary>UDP and IP disagree about the length.</summary>
    UdpLength,
    /// <summary>Too short for a BTH and an ICRC.</summary>
    TooShort,
}

public static class FrameFaults
{
    /// <summary>The fault as a report; not for the packet path.</summary>
    public static Violation ToViolation(this FrameFault fault, ReadOnlySpan<byte> frame) => fault switch
    {
        FrameFault.NotRoce => new("roce-port", "IBA A17.3.1", "not UDP port 4791"),
        FrameFault.Cut => new("frame-length", "IBA A17.3", $"a header or the length that it states does not fit in {frame.Length} bytes"),
        FrameFault.NetworkHeader => new("ip-header", "IBA A17.3.2", "IP version, options or extension headers that RoCEv2 does not have"),
        FrameFault.Fragment => new("ip-fragment", "IBA A17.4.5.2", "a fragmented packet"),
        FrameFault.NetworkChecksum => new("ip-checksum", "RFC 791 §3.1", "wrong IPv4 header checksum"),
        FrameFault.UdpLength => new("udp-length", "RFC 768", "UDP and IP state different lengths"),
        FrameFault.TooShort => new("roce-length", "IBA 9.2", "too short for a BTH and an ICRC"),
        _ => new("none", "", "no fault"),
    };
}
