using Weft.Fabric.Sim.Management.Routing;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>Who a sweep works for.</summary>
internal interface ISweepListener
{
    /// <summary>Nodes, cables and other managers are known. False: do not configure, somebody else is master.</summary>
    bool OnDiscovered(SubnetInventory inventory);

    /// <summary>A look at the switches has ended.</summary>
    void OnLooked(bool hasChanged);

    /// <summary>The subnet is configured.</summary>
    void OnConfigured(SweepReport report);

    /// <summary>Multicast groups: LID and the end ports that receive it.</summary>
    IEnumerable<(Lid MulticastLid, IReadOnlyList<EndPort> Members)> GroupsOf(SubnetInventory inventory);
}
