namespace Weft.Fabric.Sim.Management;

/// <summary>What a sweep found and did.</summary>
/// <param name="Links">Cables that carry, each counted once.</param>
/// <param name="Requests">Packets that the manager sent, repeated ones too.</param>
/// <param name="Orders">Sets among them.</param>
/// <param name="Unanswered">Requests that stayed without an answer.</param>
/// <param name="Refused">Orders that were answered with an error.</param>
/// <param name="Routing">Name of the routing engine.</param>
/// <param name="Duration">From the first request to the last answer.</param>
public sealed record SweepReport(
    int Switches, int Adapters, int Ports, int Links, long Requests, long Orders, long Unanswered, int Refused, int WithoutLid, string Routing, Duration Duration)
{
    /// <summary>Whether everything that was found is configured.</summary>
    public bool IsComplete => Refused == 0 && WithoutLid == 0;

    public override string ToString() =>
        $"{Switches} switches, {Adapters} adapters, {Links} links, {Requests} requests ({Orders} orders, {Unanswered} unanswered, {Refused} refused), {Routing}, {Duration}";
}
