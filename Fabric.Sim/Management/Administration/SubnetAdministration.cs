using Weft.Fabric.Execution;
using Weft.Fabric.Sim.Management.Routing;
using Weft.Fabric.Sim.Management.Sweeps;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>
/// Subnet administration: answers queries from what the manager's last sweep found, and keeps what ports have told it: services, multicast
/// memberships, subscriptions. IBA Vol 1 chapter 15. A port learns only of ports that it shares a partition with.
/// </summary>
public sealed class SubnetAdministration
{
    private readonly IManagementPort port;
    private readonly SubnetManager manager;
    private readonly ManagerOptions options;
    private readonly SaTransfers transfers;
    private readonly ServiceRegistry services;
    private readonly GroupRegistry groups;
    private readonly Subscriptions subscriptions;
    private readonly byte[] answer = new byte[MadHeader.MadLength];
    private HashSet<ulong> inService = [];

    internal SubnetAdministration(IExecutor executor, IManagementPort port, ManagerOptions options, SubnetManager manager)
    {
        (this.port, this.options, this.manager) = (port, options, manager);
        transfers = new(executor, port);
        services = new(executor);
        groups = new(options);
        subscriptions = new(executor, port);
    }

    /// <summary>Queries answered, refused ones too.</summary>
    public long Queries { get; private set; }
    /// <summary>Multicast groups that exist.</summary>
    public int Groups => groups.Count;
    /// <summary>Services registered.</summary>
    public int Services => services.Count;
    /// <summary>Subscriptions to notices.</summary>
    public int Subscribers => subscriptions.Count;

    private SubnetInventory Inventory => manager.Published;

    internal void OnMad(Lid source, Qpn sourceQueue, ReadOnlySpan<byte> mad)
    {
        if (!MadHeader.TryRead(mad, out var header) || !SaHeader.TryRead(mad, out var sa) || !RmppHeader.TryRead(mad, out var rmpp)) return;
        if (rmpp.IsActive && rmpp.Type is RmppType.Ack or RmppType.Stop or RmppType.Abort)
        {
            transfers.OnMad(source, header.TransactionId, rmpp);
            return;
        }
        if (header.Method == MadMethod.ReportResponse) subscriptions.OnResponse(header.TransactionId);
        if (header.IsResponse || !manager.IsUp) return; // without a subnet nobody could tell right from wrong: the client asks again
        Queries++;
        Serve(new(header, sa, mad[SaHeader.DataOffset..], source, sourceQueue, Inventory.FindPort(source)));
    }

    private void Serve(in SaRequest request)
    {
        if (request.Header.ClassVersion != SaHeader.ClassVersion || request.Header.BaseVersion != 1) Refuse(request, SaStatus.BadVersion);
        else if (request.Requester is null) Refuse(request, SaStatus.RequestInvalid);
        else if (request.Attribute == SaAttribute.ClassPortInfo && request.Method == MadMethod.Get) Reply(request, SaStatus.Ok, ClassPortInfo());
        else if (SaTables.Find(request.Attribute) is not { } table) Refuse(request, SaStatus.MethodAttributeNotSupported);
        else
            switch (request.Method)
            {
                case MadMethod.Get or MadMethod.GetTable or MadMethod.GetMulti:
                    Query(request, table);
                    break;
                case MadMethod.Set or MadMethod.Delete:
                    Change(request);
                    break;
                default:
                    Refuse(request, SaStatus.MethodNotSupported);
                    break;
            }
    }

    private void Query(in SaRequest request, SaRecordTable table)
    {
        var isMulti = request.Attribute == SaAttribute.MultiPathRecord;
        var list = new RecordList(isMulti ? PathRecord.Table : table, request.Record, isMulti ? 0 : request.Mask);
        var status = request.Attribute switch
        {
            SaAttribute.MultiPathRecord when request.Method == MadMethod.GetMulti => PathFinder.FindMulti(Inventory, options, groups, request, list),
            SaAttribute.PathRecord => PathFinder.Find(Inventory, options, groups, request, list),
            SaAttribute.ServiceRecord => services.Find(request, list),
            SaAttribute.McMemberRecord => groups.Find(request, list),
            SaAttribute.InformInfoRecord => subscriptions.Find(Inventory, request, list),
            _ when request.Method == MadMethod.GetMulti => SaStatus.MethodAttributeNotSupported,
            _ => RecordSources.Find(Inventory, manager, request, list),
        };
        if (list.IsOverfull) status = SaStatus.NoResources;
        if (status != SaStatus.Ok) Refuse(request, status);
        else if (request.Method != MadMethod.Get) transfers.Start(Head(request, SaStatus.Ok, list.Table.Stride / 8), list.Bytes, request.Source, request.SourceQueue);
        else if (list.Count == 0) Refuse(request, SaStatus.NoRecords);
        else if (list.Count > 1) Refuse(request, SaStatus.TooManyRecords);
        else Reply(request, SaStatus.Ok, list.Bytes.Span);
    }

    private void Change(in SaRequest request)
    {
        Span<byte> record = stackalloc byte[SaHeader.DataLength];
        request.Record[..SaHeader.DataLength].CopyTo(record);
        var status = (request.Attribute, request.Method) switch
        {
            (SaAttribute.ServiceRecord, MadMethod.Set) => services.Register(request, record),
            (SaAttribute.ServiceRecord, _) => services.Remove(request, record),
            (SaAttribute.McMemberRecord, MadMethod.Set) => groups.Join(Inventory, request, record),
            (SaAttribute.McMemberRecord, _) => groups.Leave(Inventory, request, record),
            (SaAttribute.InformInfo, MadMethod.Set) => subscriptions.Change(request, record),
            _ => SaStatus.MethodAttributeNotSupported,
        };
        Reply(request, status, record);
        if (request.Attribute != SaAttribute.McMemberRecord || status != SaStatus.Ok) return;
        manager.OnGroupsChanged();
        while (groups.TryTakeNotice(out var trap, out var gid)) Report(GidNotice(trap, gid), gid: default);
    }

    private ReadOnlySpan<byte> ClassPortInfo()
    {
        // Base and class version; capabilities: PortInfo capability match (13), MultiPath (10), UD multicast (9), notices (1); response time.
        Span<byte> info = new byte[SaHeader.DataLength];
        (info[0], info[1]) = (1, SaHeader.ClassVersion);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(info[2..], 1 << 13 | 1 << 10 | 1 << 9 | 1 << 1);
        info[7] = options.SubnetTimeout;
        return info;
    }

    private void Refuse(in SaRequest request, ushort status) => Reply(request, status, request.Record);

    private byte[] Head(in SaRequest request, ushort status, int offset)
    {
        answer.AsSpan().Clear();
        var method = (MadMethod)(request.Method is MadMethod.Set ? (byte)MadMethod.GetResponse : (byte)request.Method | 0x80);
        (request.Header with { Method = method, Status = status }).Write(answer);
        new SaHeader(0, (ushort)offset, request.Mask).Write(answer);
        return answer;
    }

    private void Reply(in SaRequest request, ushort status, ReadOnlySpan<byte> record)
    {
        Head(request, status, SaTables.Find(request.Attribute) is { } table && status == SaStatus.Ok ? table.Stride / 8 : 0);
        record[..Math.Min(record.Length, SaHeader.DataLength)].CopyTo(answer.AsSpan(SaHeader.DataOffset));
        port.Send(request.Source, request.SourceQueue, answer);
    }

    /// <summary>Passes a notice on to everybody who has subscribed to it.</summary>
    internal void Report(in Notice notice, Gid gid = default)
    {
        if (gid == default && Inventory.FindPort(notice.IssuerLid) is { } issuer) gid = GidOf(issuer);
        subscriptions.Report(Inventory, notice, gid);
    }

    private Gid GidOf(ManagedPort end) => new(options.SubnetPrefix, end.Guid.Value);

    // Traps 64 to 67 come from the SA itself. IBA Vol 1 §13.4.8.2 table 131.
    private Notice GidNotice(ushort trap, Gid gid)
    {
        var notice = new Notice { IsGeneric = true, Type = NoticeType.SubnetManagement, ProducerType = 4, TrapNumber = trap, IssuerLid = Inventory.Own.Lid };
        gid.Write(notice.Details[6..]);
        return notice;
    }

    /// <summary>The subnet has been swept: memberships of ports that are gone end, and who has subscribed hears who came and went.</summary>
    internal void OnSwept()
    {
        var now = new HashSet<ulong>();
        foreach (var end in Inventory.EndPorts) now.Add(end.Guid.Value);
        groups.Prune(Inventory);
        if (inService.Count > 0)
        {
            foreach (var guid in now.Except(inService).Order()) Report(GidNotice(64, new(options.SubnetPrefix, guid)));
            foreach (var guid in inService.Except(now).Order()) Report(GidNotice(65, new(options.SubnetPrefix, guid)));
        }
        inService = now;
    }

    internal IEnumerable<(Lid MulticastLid, IReadOnlyList<EndPort> Members)> GroupsOf(SubnetInventory inventory) => groups.Receivers(inventory);

    /// <summary>Another manager is master: its SA starts anew, and so does this one the next time.</summary>
    internal void Clear()
    {
        transfers.Clear();
        services.Clear();
        groups.Clear();
        subscriptions.Clear();
        inService = [];
    }
}
