namespace Weft.Protocol.Capture;

/// <summary>Link types of capture files that are understood here (registry of tcpdump.org); others pass through as numbers.</summary>
public enum CaptureLinkType : ushort
{
    /// <summary>From the Ethernet header, without the FCS.</summary>
    Ethernet = 1,
    /// <summary>
    /// Records with a header of their own. Readers take InfiniBand out of them; writers put it in, because Wireshark 4.0 reads native
    /// InfiniBand in no other form.
    /// </summary>
    Erf = 197,
    /// <summary>From the LRH, with ICRC and VCRC. Wireshark learnt this type late.</summary>
    InfiniBand = 247,
}
