namespace Weft.Protocol.Iscsi.Text;

/// <summary>One target of a SendTargets answer.</summary>
public sealed record DiscoveredTarget(string Name, IReadOnlyList<PortalAddress> Portals);
