namespace Weft.Fabric.Engine.Ports;

/// <summary>QP0 of a port: takes its subnet management packets, which come in virtual lane 15. IBA Vol 1 §14.</summary>
public interface ISmpReceiver
{
    /// <param name="source">LID of the sender; permissive for directed routes.</param>
    /// <param name="destination">LID it was sent to; permissive for directed routes.</param>
    /// <param name="mad">256 bytes, lent for the call.</param>
    void OnSmp(IbPort port, Lid source, Lid destination, ReadOnlySpan<byte> mad);
}
