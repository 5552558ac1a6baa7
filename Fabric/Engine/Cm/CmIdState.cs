namespace Weft.Fabric.Engine.Cm;

/// <summary>Where an id stands before and besides its connection, whose own states are in <see cref="Protocol.Cm.CmState"/>.</summary>
internal enum CmIdState : byte
{
    Idle,
    Bound,
    Listening,
    ResolvingAddress,
    AddressResolved,
    ResolvingRoute,
    RouteResolved,
    /// <summary>Active: Connect was called. The connection's state says the rest.</summary>
    Connecting,
    /// <summary>Passive: made by a request. The connection's state says the rest.</summary>
    Request,
    Destroyed,
}
