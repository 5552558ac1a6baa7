namespace Weft.Fabric.Sim.Management;

/// <summary>A port that a manager runs on: MADs out and in, on QP0 and QP1. Whether it stands in a world or in a model alone is the carrier's affair.</summary>
public interface IManagementPort
{
    /// <summary>Sends 256 bytes. May be lost, like any datagram; answers come later, never inside this call.</summary>
    /// <param name="destination">LID to route to; permissive for a directed packet.</param>
    /// <param name="queue">QP0 for subnet management, QP1 or the requester's QP otherwise.</param>
    /// <param name="mad">Copied before the call returns.</param>
    void Send(Lid destination, Qpn queue, ReadOnlySpan<byte> mad);

    /// <summary>Announces, or takes back, that a subnet manager runs here (IsSM in the port's capabilities).</summary>
    void SetIsManager(bool isManager);

    /// <summary>Whether transfers of several packets arrive. If not, clients get the first packet alone, and nobody acknowledges it.</summary>
    bool CarriesTransfers => true;

    /// <summary>Who gets what arrives.</summary>
    IManagementClient? Client { get; set; }
}
