namespace Weft.Fabric.Engine.Ports;

/// <summary>What an InfiniBand port did, and why it dropped what it dropped. IBA Vol 1 §16.1.3.5 and §7.3.</summary>
public sealed class IbPortCounters
{
    /// <summary>Packets given to the link, SMPs too.</summary>
    public long Sent;
    /// <summary>Packets given to the device, SMPs too.</summary>
    public long Received;
    /// <summary>Packets from the port to itself, that never reached the link.</summary>
    public long Looped;

    /// <summary>Sent while the port was not active.</summary>
    public long DroppedPortDown;
    /// <summary>Longer than the MTU, sent or received.</summary>
    public long DroppedOversize;
    /// <summary>Wrong VCRC: the link damaged it.</summary>
    public long DroppedVcrc;
    /// <summary>Wrong ICRC behind a good VCRC.</summary>
    public long DroppedIcrc;
    /// <summary>Wrong lengths, version or GRH; raw packets; QP0 outside VL15, or anything else in it.</summary>
    public long DroppedMalformed;
    /// <summary>A LID or GID that is not the port's, or no LID to send from or to.</summary>
    public long DroppedAddress;
    /// <summary>The service level is mapped to no lane.</summary>
    public long DroppedNoLane;
    /// <summary>Sent with a P_Key whose place in the table is empty. IBA Vol 1 §10.9.2.</summary>
    public long DroppedNoPKey;
    /// <summary>Received with a P_Key that its QP does not have. PortInfo:P_KeyViolations.</summary>
    public long PKeyViolations;

    /// <summary>All drops together, but for those of the P_Key check, which the QPs count.</summary>
    public long Dropped => DroppedPortDown + DroppedOversize + DroppedVcrc + DroppedIcrc + DroppedMalformed + DroppedAddress + DroppedNoLane + DroppedNoPKey;
}
