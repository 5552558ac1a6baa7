namespace Weft.Protocol.Ib;

/// <summary>Why the bytes of an InfiniBand link are not a transport packet, or not a good one. IBA Vol 1 §7.3 (packet receiver state machine).</summary>
public enum LinkFault : byte
{
    None,
    /// <summary>Shorter than the LRH and the CRCs, or not as long as the LRH says.</summary>
    Length,
    /// <summary>A link version other than 0, the only one there is.</summary>
    Version,
    /// <summary>A raw packet: somebody else's, not an error.</summary>
    Raw,
    /// <summary>A GRH that is cut off, of another version, without a BTH behind it, or with another length than the LRH's.</summary>
    GlobalHeader,
    /// <summary>Too short for a BTH and an ICRC.</summary>
    TooShort,
}

public static class LinkFaults
{
    /// <summary>The fault as a report; not for the packet path.</summary>
    public static Violation ToViolation(this LinkFault fault, ReadOnlySpan<byte> frame) => fault switch
    {
        LinkFault.Length => new("lrh-length", "IBA 7.7.8", $"{frame.Length} bytes are not what the LRH states"),
        LinkFault.Version => new("lrh-version", "IBA 7.7.2", $"link version {frame[0] & 15}"),
        LinkFault.Raw => new("lrh-raw", "IBA 7.7.5", "a raw packet"),
        LinkFault.GlobalHeader => new("grh", "IBA 8.3", "a GRH that is cut off, of another version or length, or without a BTH behind it"),
        LinkFault.TooShort => new("ib-length", "IBA 9.2", "too short for a BTH and an ICRC"),
        _ => new("none", "", "no fault"),
    };
}
