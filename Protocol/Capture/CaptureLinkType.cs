namespace Weft.Protocol.Capture;

/// <summary>Link types of capture files that are understood here (registry of tcpdump.org); others pass through as numbers.</summary>
public enum CaptureLinkType : ushort
{
    /// <summary>From the Ethernet header, without the FCS.</summary>
    Ethernet = 1,
    /// <summary>From the LRH, with ICRC and VCRC.</summary>
    InfiniBand = 247,
}
