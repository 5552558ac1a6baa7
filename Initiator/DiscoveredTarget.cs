namespace Weft.Initiator;

/// <summary>One answer of a discovery.</summary>
/// <param name="Name">iSCSI name of the target.</param>
/// <param name="Portal">Where it can be reached.</param>
/// <param name="PortalGroup">Target portal group tag, -1 if it was not said.</param>
public readonly record struct DiscoveredTarget(string Name, IpEndpoint Portal, int PortalGroup)
{
    /// <summary>As iscsiadm prints it: <c>ip:port,tag name</c>.</summary>
    public override string ToString() => $"{Portal},{PortalGroup} {Name}";
}
