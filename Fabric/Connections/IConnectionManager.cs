using Weft.Protocol.Cm;

namespace Weft.Fabric.Connections;

/// <summary>The RDMA communication manager of a device (rdma_create_event_channel and rdma_create_id in one).</summary>
public interface IConnectionManager
{
    /// <summary>Creates an id whose events go to <paramref name="handler"/>.</summary>
    ICmId CreateId(PortSpace space, ICmEventHandler handler, object? context = null);

    /// <summary>Ids that were created and not destroyed.</summary>
    int IdCount { get; }
}
