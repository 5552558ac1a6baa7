using System.Text;
using Weft.Protocol.Cm;

namespace Weft.Initiator.Tests.EndToEnd;

/// <summary>
/// An iSER target of a few lines on real verbs, so that the initiator meets the transport engine and the CM: one RAM disk, all write data
/// that is not immediate by RDMA READ, one connection at a time per session. It does nothing clever and checks what it gets.
/// </summary>
internal sealed class MiniTarget : ICmEventHandler
{
    private readonly ICmId listener;
    private readonly List<MiniConnection> connections = [];

    public MiniTarget(IRdmaDevice device, IpEndpoint at, int blocks = 4096)
    {
        (Device, Store) = (device, new byte[blocks * 512]);
        Domain = device.AllocateProtectionDomain();
        Region = Domain.Register(Store, AccessFlags.LocalWrite);
        listener = device.ConnectionManager.CreateId(PortSpace.Tcp, this);
        listener.Bind(at);
        listener.Listen(64);
    }

    public IRdmaDevice Device { get; }
    public byte[] Store { get; }
    public IProtectionDomain Domain { get; }
    public IMemoryRegion Region { get; }
    public IReadOnlyList<MiniConnection> Connections => connections;
    public bool Immediate { get; set; } = true;
    public byte Flags { get; set; } = 0x80;
    public long Commands { get; set; }
    /// <summary>Keeps commands without an answer.</summary>
    public bool Holds { get; set; }

    void ICmEventHandler.OnCmEvent(in CmEvent cmEvent)
    {
        if (cmEvent.Type == CmEventType.ConnectRequest) connections.Add(new(this, cmEvent));
    }

    public void Ended(MiniConnection connection) => connections.Remove(connection);

    /// <summary>Stops listening and gives everything back; connections must have ended.</summary>
    public void Close()
    {
        listener.Destroy();
        Region.Deregister();
        Assert.Null(Domain.Deallocate());
    }
}
