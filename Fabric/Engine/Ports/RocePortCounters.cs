namespace Weft.Fabric.Engine.Ports;

/// <summary>What a RoCE port did, and why it dropped what it dropped.</summary>
public sealed class RocePortCounters
{
    /// <summary>RoCE packets given to the link, without neighbour discovery.</summary>
    public long Sent;
    /// <summary>RoCE packets given to the device.</summary>
    public long Received;
    /// <summary>Packets from the port to itself, that never reached the link.</summary>
    public long Looped;

    /// <summary>Sent while the port was down.</summary>
    public long DroppedPortDown;
    /// <summary>Longer than the link's MTU, sent or received.</summary>
    public long DroppedOversize;
    /// <summary>The neighbour did not answer.</summary>
    public long DroppedUnreachable;
    /// <summary>Too many packets waited for one neighbour.</summary>
    public long DroppedPendingFull;
    /// <summary>No room for another neighbour.</summary>
    public long DroppedNeighborFull;
    /// <summary>Another station's MAC address.</summary>
    public long DroppedMac;
    /// <summary>Another VLAN, or a tag where none is expected.</summary>
    public long DroppedVlan;
    /// <summary>Neither RoCE nor neighbour discovery.</summary>
    public long DroppedProtocol;
    /// <summary>Cut off, wrong version, fragments, contradicting lengths.</summary>
    public long DroppedMalformed;
    /// <summary>Wrong IPv4 header, UDP or ICMPv6 checksum.</summary>
    public long DroppedChecksum;
    /// <summary>Wrong ICRC. IBA Vol 1 §9.6.1: dropped silently.</summary>
    public long DroppedIcrc;
    /// <summary>An IP address that is not the port's, or a group as sender.</summary>
    public long DroppedAddress;

    public long NeighborRequestsSent;
    public long NeighborRequestsAnswered;
    public long NeighborAnswersReceived;

    /// <summary>All drops together.</summary>
    public long Dropped => DroppedPortDown + DroppedOversize + DroppedUnreachable + DroppedPendingFull + DroppedNeighborFull + DroppedMac + DroppedVlan
        + DroppedProtocol + DroppedMalformed + DroppedChecksum + DroppedIcrc + DroppedAddress;
}
