namespace Weft.Fabric.Sim.Subnet;

/// <summary>
/// What a port counts. IBA Vol 1 §16.1.3.5 and 16.1.4.11. The fields count without bound; the agent caps them to the width of the
/// attribute that carries them. Data is in units of 4 bytes, LRH to ICRC without the VCRC.
/// </summary>
public struct PortCounters
{
    public ulong XmitData, RcvData, XmitPackets, RcvPackets;
    public ulong UnicastXmitPackets, UnicastRcvPackets, MulticastXmitPackets, MulticastRcvPackets;
    public ulong XmitWait;
    public ulong SymbolErrors, LinkRecoveries, LinkDowned, RcvErrors, RcvRemotePhysicalErrors, RcvSwitchRelayErrors;
    public ulong XmitDiscards, XmitConstraintErrors, RcvConstraintErrors, LocalLinkIntegrityErrors, BufferOverruns, Vl15Dropped;

    /// <summary>Counts a packet sent.</summary>
    /// <param name="words">Its 4-byte words from LRH to ICRC.</param>
    public void CountXmit(int words, bool isMulticast = false)
    {
        XmitData += (uint)words;
        XmitPackets++;
        if (isMulticast) MulticastXmitPackets++;
        else UnicastXmitPackets++;
    }

    /// <summary>Counts a packet received.</summary>
    /// <param name="words">Its 4-byte words from LRH to ICRC.</param>
    public void CountRcv(int words, bool isMulticast = false)
    {
        RcvData += (uint)words;
        RcvPackets++;
        if (isMulticast) MulticastRcvPackets++;
        else UnicastRcvPackets++;
    }
}
