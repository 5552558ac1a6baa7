namespace Weft.Fabric.Sim.Management;

/// <summary>Gets the MADs that arrive at a management port and are not for its agent.</summary>
public interface IManagementClient
{
    /// <param name="source">LID of the sender.</param>
    /// <param name="sourceQueue">Its QP.</param>
    /// <param name="mad">256 bytes, to be used within the call; may be changed.</param>
    void OnMad(Lid source, Qpn sourceQueue, Span<byte> mad);
}
