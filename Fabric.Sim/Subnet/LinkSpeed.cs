namespace Weft.Fabric.Sim.Subnet;

/// <summary>Speed of a lane, slowest first.</summary>
public enum LinkSpeed : byte
{
    /// <summary>2.5 Gbit/s.</summary>
    Sdr,
    /// <summary>5 Gbit/s.</summary>
    Ddr,
    /// <summary>10 Gbit/s.</summary>
    Qdr,
    /// <summary>14.0625 Gbit/s.</summary>
    Fdr,
    /// <summary>25.78125 Gbit/s.</summary>
    Edr,
    /// <summary>53.125 Gbit/s.</summary>
    Hdr,
    /// <summary>106.25 Gbit/s.</summary>
    Ndr,
}
