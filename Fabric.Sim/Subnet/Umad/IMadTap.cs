namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>Sees every MAD that the management port carries, when it leaves its sender.</summary>
public interface IMadTap
{
    /// <param name="source">Port that sends it.</param>
    /// <param name="sourceLid">LIDs as they are in the local routing header; permissive for directed routes.</param>
    /// <param name="mad">256 bytes.</param>
    void OnMad(SubnetPort source, Lid sourceLid, Lid destinationLid, ReadOnlySpan<byte> mad, Instant now);
}
