using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Engine.Cm;

/// <summary>The connections of a device, those in TIMEWAIT too, under every name by which a datagram may mean one.</summary>
/// <param name="qpns">Is told which QPNs are in use by connections.</param>
/// <param name="chooser">Draws comm IDs.</param>
/// <param name="subject">What the draws are called.</param>
internal sealed class CmLinkTable(IQpnAllocator qpns, IChooser chooser, string subject)
{
    private readonly Dictionary<uint, CmLink> byCommId = [];
    private readonly Dictionary<RemoteId, CmLink> byRemoteCommId = [];
    private readonly Dictionary<RemoteId, CmLink> byRemoteQpn = [];
    private readonly Dictionary<SidrKey, CmLink> bySidr = [];

    public int Count => byCommId.Count;
    /// <summary>Entries that find connections by what the peer calls them.</summary>
    public int RemoteEntryCount => byRemoteCommId.Count + byRemoteQpn.Count + bySidr.Count;

    public uint NewCommId()
    {
        var id = (uint)chooser.Draw(32, new(ChoiceKind.Value, subject));
        while (id == 0 || byCommId.ContainsKey(id)) id++;
        return id;
    }

    public void Add(CmLink link) => byCommId.Add(link.Connection.LocalCommId, link);

    /// <summary>By the comm ID that this side gave it.</summary>
    public CmLink? Find(uint commId) => byCommId.GetValueOrDefault(commId);

    /// <summary>By the peer's comm ID.</summary>
    public CmLink? FindRemote(uint commId, Guid64 caGuid) => byRemoteCommId.GetValueOrDefault(new(commId, caGuid));

    /// <summary>By the peer's QPN.</summary>
    public CmLink? FindRemote(Qpn qpn, Guid64 caGuid) => byRemoteQpn.GetValueOrDefault(new(qpn.Value, caGuid));

    /// <summary>By the SIDR REQ that made it.</summary>
    public CmLink? Find(SidrKey key) => bySidr.GetValueOrDefault(key);

    /// <summary>What the peer calls the connection. A name that another connection has still is left to that one.</summary>
    public void KnowRemote(CmLink link, uint commId, Qpn qpn, Guid64 caGuid)
    {
        var key = new RemoteId(commId, caGuid);
        if (byRemoteCommId.TryAdd(key, link)) link.ById = key;
        key = new(qpn.Value, caGuid);
        if (byRemoteQpn.TryAdd(key, link)) link.ByQpn = key;
    }

    public void KnowRequest(CmLink link, SidrKey key)
    {
        bySidr.Add(key, link);
        link.BySidr = key;
    }

    /// <summary>Keeps a QPN from being used again as long as the connection is here.</summary>
    public void Reserve(CmLink link, Qpn qpn)
    {
        link.ReservedQpn = qpn;
        qpns.Reserve(qpn);
    }

    public void Remove(CmLink link)
    {
        link.IsRemoved = true;
        byCommId.Remove(link.Connection.LocalCommId);
        if (link.ById is { } id) byRemoteCommId.Remove(id);
        if (link.ByQpn is { } qpn) byRemoteQpn.Remove(qpn);
        if (link.BySidr is { } sidr) bySidr.Remove(sidr);
        if (link.ReservedQpn is { } reserved) qpns.Unreserve(reserved);
    }
}
