using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Protocol.Mad;

namespace Weft.Fabric.Engine.Cm;

/// <summary>
/// The communication manager of a device: comm IDs, listeners, stale connections and TIMEWAIT, and the RDMA CM ids on top.
/// IBA Vol 1 chapter 12 and annex A11. All datagrams of the class come in here and find their connection.
/// </summary>
internal partial class ConnectionManager : IConnectionManager, IMadAgent
{
    private readonly IRdmaDevice device;
    private readonly IPacketPort[] ports;
    private readonly IMadPort[] madPorts;
    private readonly CmLinkTable links;
    private readonly CmPortTable bound;
    private readonly Stack<CmEventItem> freeEvents = [];
    private readonly string name;
    private readonly string psnSubject;
    private int laneNumber;

    /// <summary>Traffic class of the paths that this side chooses.</summary>
    public byte TypeOfService { get; init; }

    /// <param name="device">Its attributes, executor and ports.</param>
    /// <param name="ports">Packet ports, in the order of their numbers.</param>
    /// <param name="madPorts">QP1 of each of those ports.</param>
    /// <param name="qpns">Is told which QPNs are in use by connections, or in TIMEWAIT.</param>
    /// <param name="paths">Finds paths on InfiniBand; none: the way to an address is all there is to know, as on RoCE.</param>
    public ConnectionManager(IRdmaDevice device, IPacketPort[] ports, IMadPort[] madPorts, IQpnAllocator qpns, IPathResolver? paths = null)
    {
        (this.device, this.ports, this.madPorts, Paths) = (device, ports, madPorts, paths);
        CaGuid = device.Attributes.NodeGuid;
        Executor = device.Executor;
        name = device.Attributes.Name;
        var place = name == Executor.Name ? name : $"{Executor.Name} {name}";
        links = new(qpns, Executor.Chooser, $"{place} comm-id");
        bound = new(Executor.Chooser, $"{place} ephemeral-port");
        psnSubject = $"{place} psn";
        foreach (var port in madPorts) port.Register((byte)MadClass.CommunicationManagement, this);
    }

    public IExecutor Executor { get; }
    public Guid64 CaGuid { get; }
    public IRdmaDevice Device => device;
    public IPathResolver? Paths { get; }
    /// <summary>Ids that consumers hold.</summary>
    public int IdCount { get; private set; }
    /// <summary>Connections in the tables, with and without an id; 0 when nothing is left, not even TIMEWAIT.</summary>
    public int LinkCount => links.Count;
    /// <summary>Entries of the tables that find connections by what the peer calls them.</summary>
    public int RemoteEntryCount => links.RemoteEntryCount;
    /// <summary>Ids that hold a port.</summary>
    public int BoundCount => bound.Count;
    /// <summary>Datagrams that were no CM message, or belonged to no connection and needed no answer.</summary>
    public long Discarded { get; private set; }
    /// <summary>Requests dropped because a listener had too many unanswered.</summary>
    public long BacklogDrops { get; private set; }

    public ICmId CreateId(PortSpace space, ICmEventHandler handler, object? context = null)
    {
        if (space is not (PortSpace.Tcp or PortSpace.Udp or PortSpace.InfiniBand))
            throw new VerbsException(new(VerbsErrorCode.NotSupported, $"port space {space}"));
        return NewId(space, handler, context);
    }

    private CmId NewId(PortSpace space, ICmEventHandler handler, object? context)
    {
        IdCount++;
        return new(this, space, handler) { Context = context };
    }

    /// <summary>Called once by each id, when it is destroyed.</summary>
    public void IdDestroyed() => IdCount--;

    // Linux builds the transaction from its agent's number and the comm ID; any number but 0 will do.
    public static ulong TransactionOf(uint commId) => 1UL << 32 | commId;

    public Psn NewPsn() => new((uint)Executor.Chooser.Draw(24, new(ChoiceKind.Value, psnSubject)));

    public ILane NewLane() => Executor.CreateLane($"{name} cm-{laneNumber++}", ChoiceKind.Dispatch);

    /// <summary>Gives an id its port, an ephemeral one for port 0.</summary>
    public VerbsError? Bind(CmId id, ref IpEndpoint endpoint) => bound.Bind(id, ref endpoint);

    public void Unbind(CmId id) => bound.Unbind(id);

    /// <summary>Gives an id a service of the InfiniBand port space.</summary>
    public VerbsError? Bind(CmId id, ServiceId service) => bound.Bind(id, service);

    public void Unbind(ServiceId service) => bound.Unbind(service);

    /// <summary>The port that has an address, and its index there; null when no port has it.</summary>
    public IPacketPort? PortOf(Gid address, out int index)
    {
        foreach (var port in ports)
            if ((index = port.IndexOf(address)) >= 0) return port;
        index = -1;
        return null;
    }

    public IMadPort MadPortOf(byte number) => Array.Find(madPorts, p => p.PortNumber == number)!;

    /// <summary>The device's address from which a peer is best reached: same family, longest common prefix; active ports first.</summary>
    public Gid ChooseSource(Gid remote)
    {
        var best = Gid.None;
        var bestScore = -1;
        foreach (var port in ports)
        {
            for (var i = 0; i < port.GidTableLength; i++)
            {
                var gid = port.GidAt(i);
                if (gid.IsNone || gid.IsIPv4 != remote.IsIPv4) continue;
                var common = gid.High != remote.High
                    ? System.Numerics.BitOperations.LeadingZeroCount(gid.High ^ remote.High)
                    : 64 + System.Numerics.BitOperations.LeadingZeroCount(gid.Low ^ remote.Low);
                var score = common + (port.IsActive ? 1000 : 0);
                if (score > bestScore) (best, bestScore) = (gid, score);
            }
        }
        return best;
    }

    /// <summary>A new connection in the tables.</summary>
    public CmLink NewLink(CmId id, IMadPort port, in AddressVector madPath)
    {
        var link = new CmLink(this, id, links.NewCommId(), port, madPath);
        links.Add(link);
        return link;
    }

    public bool IsFull => links.Count >= CmLimits.MaxConnections;

    /// <summary>Keeps a QPN from being used again as long as the connection is in the tables.</summary>
    public void Reserve(CmLink link, Qpn qpn) => links.Reserve(link, qpn);

    public void Remove(CmLink link) => links.Remove(link);

    public CmEventItem Rent() => freeEvents.TryPop(out var item) ? item : new(this);

    public void Return(CmEventItem item)
    {
        item.Clear();
        freeEvents.Push(item);
    }
}
