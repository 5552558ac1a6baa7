namespace Weft.Fabric.Sim.Links;

/// <summary>Which frames of one direction of a link keep their order. Whatever is separated has an order only by time and by choice.</summary>
public enum FlowSeparation : byte
{
    /// <summary>All of them, as on one cable.</summary>
    None,
    /// <summary>Those with the same addresses, protocol and UDP ports, as on a network with several equal paths.</summary>
    UdpFlow,
    /// <summary>Those that also go to the same queue pair: what the architecture promises, and no more.</summary>
    QueuePair,
}
