using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Ports;

/// <summary>QP1 of a port: management datagrams out and in. The engine owns the QP; agents see 256-byte MADs.</summary>
public interface IMadPort
{
    byte PortNumber { get; }

    /// <summary>Sends a MAD of 256 bytes from QP1. Lost like any datagram; the caller retries.</summary>
    void Send(in AddressVector path, Qpn destination, ReadOnlySpan<byte> mad);

    /// <summary>Registers the agent of a management class (its base class number, e.g. 0x07 for communication management).</summary>
    void Register(byte managementClass, IMadAgent agent);

    /// <summary>Registers who gets the answers of a class, where its requests are for somebody else; several get all of them.</summary>
    void RegisterClient(byte managementClass, IMadAgent client);
}

/// <summary>Handles the MADs of one class.</summary>
public interface IMadAgent
{
    /// <summary>A MAD arrived on QP1; <paramref name="reply"/> is the path back to its sender.</summary>
    void OnMad(IMadPort port, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> mad);
}
