using Weft.Fabric.Wire;

namespace Weft.Fabric.Engine.Ports;

/// <summary>What the neighbour table needs of its port.</summary>
internal interface INeighborWire
{
    /// <summary>Sends an ARP request or a neighbour solicitation.</summary>
    /// <param name="to">The MAC that is being verified, or <c>null</c> to ask everybody.</param>
    void SendRequest(Gid source, Gid address, MacAddress? to);

    /// <summary>Sends a complete frame to a MAC address that is known now.</summary>
    void SendResolved(Frame frame, MacAddress to);
}
