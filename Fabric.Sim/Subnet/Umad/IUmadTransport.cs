namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>Sockets of the management port, or whatever stands in for them.</summary>
public interface IUmadTransport
{
    /// <summary>Joins the data socket of a slot to the client that asks to be connected.</summary>
    /// <param name="id">What names the client's data socket: its process id, or its UDP port.</param>
    /// <returns>False when that cannot be done; the client is refused.</returns>
    bool Connect(int client, uint id);

    /// <summary>Frees the data socket of a slot.</summary>
    void Release(int client);

    /// <summary>Sends 288 bytes to a client; they are the caller's again afterwards.</summary>
    void Send(int client, ReadOnlySpan<byte> datagram);
}
