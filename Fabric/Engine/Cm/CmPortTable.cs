using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Engine.Cm;

/// <summary>Which id holds which port or service of a device, and which of them listen.</summary>
/// <param name="chooser">Draws ephemeral ports.</param>
/// <param name="subject">What the draws are called.</param>
internal sealed class CmPortTable(IChooser chooser, string subject)
{
    /// <summary>Ids bound to a port, chained through <see cref="CmId.NextOnPort"/>; the key is port space and port.</summary>
    private readonly Dictionary<uint, CmId> ports = [];
    /// <summary>Listeners of the InfiniBand port space.</summary>
    private readonly Dictionary<ServiceId, CmId> services = [];

    /// <summary>Ids that hold a port.</summary>
    public int Count { get; private set; }

    /// <summary>Gives an id its port, an ephemeral one for port 0.</summary>
    public VerbsError? Bind(CmId id, ref IpEndpoint endpoint)
    {
        if (endpoint.Port == 0)
        {
            endpoint = endpoint with { Port = Ephemeral(id.PortSpace, endpoint.Address) };
            if (endpoint.Port == 0) return new(VerbsErrorCode.OutOfResources, "no ephemeral port is free");
        }
        else if (!IsFree(id.PortSpace, endpoint)) return new(VerbsErrorCode.AddressInUse, $"{endpoint} is in use");
        var key = KeyOf(id.PortSpace, endpoint.Port);
        id.NextOnPort = ports.GetValueOrDefault(key);
        ports[key] = id;
        Count++;
        return null;
    }

    public void Unbind(CmId id)
    {
        var key = KeyOf(id.PortSpace, id.Local.Port);
        CmId? previous = null;
        for (var other = ports[key]; other != id; other = other.NextOnPort!) previous = other;
        if (previous is not null) previous.NextOnPort = id.NextOnPort;
        else if (id.NextOnPort is not null) ports[key] = id.NextOnPort;
        else ports.Remove(key);
        id.NextOnPort = null;
        Count--;
    }

    /// <summary>Gives an id a service of the InfiniBand port space.</summary>
    public VerbsError? Bind(CmId id, ServiceId service) =>
        services.TryAdd(service, id) ? null : new(VerbsErrorCode.AddressInUse, $"somebody listens on service {service} already");

    public void Unbind(ServiceId service) => services.Remove(service);

    public CmId? FindListener(ServiceId service) => services.GetValueOrDefault(service);

    public CmId? FindListener(PortSpace space, ushort port, Gid destination)
    {
        for (var id = ports.GetValueOrDefault(KeyOf(space, port)); id is not null; id = id.NextOnPort)
            if (id.State == CmIdState.Listening && (id.Local.Address.IsNone || id.Local.Address == destination)) return id;
        return null;
    }

    /// <summary>A port that nobody holds at that address, or 0.</summary>
    private ushort Ephemeral(PortSpace space, Gid address)
    {
        var first = (int)(chooser.Draw(16, new(ChoiceKind.Value, subject)) % CmLimits.EphemeralPorts);
        for (var i = 0; i < CmLimits.EphemeralPorts; i++)
        {
            var port = (ushort)(CmLimits.FirstEphemeralPort + (first + i) % CmLimits.EphemeralPorts);
            if (IsFree(space, new(address, port))) return port;
        }
        return 0;
    }

    private bool IsFree(PortSpace space, IpEndpoint endpoint)
    {
        for (var id = ports.GetValueOrDefault(KeyOf(space, endpoint.Port)); id is not null; id = id.NextOnPort)
            if (id.Local.Address == endpoint.Address || id.Local.Address.IsNone || endpoint.Address.IsNone) return false;
        return true;
    }

    private static uint KeyOf(PortSpace space, ushort port) => (uint)space << 16 | port;
}
