using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Engine.Sa;

/// <summary>
/// Asks the subnet administration for paths: a query for one reversible path between two GIDs, from QP1 of the port to the one of the
/// manager that the port knows, repeated until it is answered. IBA Vol 1 §15.2.5.16, §15.4.
/// </summary>
internal sealed class SaPathResolver : IPathResolver, IMadAgent
{
    private static readonly Duration Pause = Duration.FromMilliseconds(500);
    private const int MaxTries = 8;
    private const ulong Agent = 3UL << 32;
    /// <summary>Components of the query: both halves of the service id, both GIDs, reversible, number of paths. The partition is the SA's to choose.</summary>
    private const ulong Asked = 0b11 | 1 << 2 | 1 << 3 | 1 << 11 | 1 << 12;

    private readonly IExecutor executor;
    private readonly IbPort[] ports;
    private readonly IMadPort[] madPorts;
    private readonly List<Query> queries = [];
    private readonly Execution.Timer timer;
    private uint transactions;

    private sealed class Query(ulong transaction, byte port, Gid source, Gid destination, ulong service, IPathWaiter waiter)
    {
        public readonly ulong Transaction = transaction;
        public readonly byte Port = port;
        public readonly Gid Source = source, Destination = destination;
        public readonly ulong Service = service;
        public readonly IPathWaiter Waiter = waiter;
        public Instant Due;
        public int Tries;
    }

    public SaPathResolver(IExecutor executor, IbPort[] ports, IMadPort[] madPorts)
    {
        (this.executor, this.ports, this.madPorts) = (executor, ports, madPorts);
        timer = executor.CreateTimer("sa query", OnTimer);
        foreach (var port in madPorts) port.RegisterClient((byte)MadClass.SubnetAdministration, this);
    }

    public void Resolve(byte portNumber, Gid source, Gid destination, ulong service, IPathWaiter waiter)
    {
        var query = new Query(Agent | ++transactions, portNumber, source, destination, service, waiter);
        queries.Add(query);
        Send(query);
        Arm();
    }

    /// <summary>A port that knows no manager yet asks nobody; it tries again like after a loss.</summary>
    private void Send(Query query)
    {
        query.Tries++;
        query.Due = executor.Now + Pause;
        var port = ports[query.Port - 1];
        if (port.SmLid.Value == 0 || !port.IsActive) return;
        Span<byte> mad = stackalloc byte[MadHeader.MadLength];
        mad.Clear();
        new MadHeader(MadClass.SubnetAdministration, SaHeader.ClassVersion, MadMethod.Get, (ushort)SaAttribute.PathRecord, query.Transaction).Write(mad);
        new SaHeader(0, 0, Asked).Write(mad);
        new PathRecord
        {
            SourceGid = query.Source, DestinationGid = query.Destination, Reversible = true, NumberOfPaths = 1,
            ServiceIdHigh = (byte)(query.Service >> 56), ServiceIdLow = query.Service & 0x00FF_FFFF_FFFF_FFFF,
        }.Write(mad[SaHeader.DataOffset..]);
        var path = new AddressVector(
            port.GidAt(0), Gid.None, port.Number, DestinationLid: port.SmLid, ServiceLevel: port.Settings.SmServiceLevel, IsGlobal: false, PKeyIndex: ManagementKey(port));
        madPorts[query.Port - 1].Send(in path, Qpn.Gsi, mad);
    }

    /// <summary>Everybody may talk to the SA in the default partition, in which hosts may be limited members. IBA Vol 1 §10.9.1.</summary>
    private static ushort ManagementKey(IbPort port) => (ushort)Math.Max(0, port.IndexOf(PKey.Default));

    public void OnMad(IMadPort port, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> mad)
    {
        if (!MadHeader.TryRead(mad, out var header) || header.Method != MadMethod.GetResponse || header.AttributeId != (ushort)SaAttribute.PathRecord) return;
        var index = queries.FindIndex(q => q.Transaction == header.TransactionId && q.Port == port.PortNumber);
        if (index < 0) return;
        var query = queries[index];
        queries.RemoveAt(index);
        Arm();
        query.Waiter.OnPath(query.Destination, header.Status == 0 && PathRecord.TryRead(mad[SaHeader.DataOffset..], out var record) ? Read(record) : null);
    }

    private static ConnectionPath? Read(in PathRecord record) =>
        record.Mtu is < (byte)PathMtu.Mtu256 or > (byte)PathMtu.Mtu4096 || record.DestinationLid.Value == 0
            ? null
            : new ConnectionPath(
                record.SourceGid, record.DestinationGid, record.SourceLid, record.DestinationLid, record.PKey, record.ServiceLevel, (PathMtu)record.Mtu, record.Rate,
                record.PacketLifetime, IsGlobal: record.HopLimit > 1, record.FlowLabel, record.HopLimit, record.TrafficClass);

    private void Arm()
    {
        var next = Instant.Never;
        foreach (var query in queries) next = Instant.Min(next, query.Due);
        timer.Arm(next);
    }

    private void OnTimer()
    {
        var failed = new List<Query>();
        foreach (var query in queries)
        {
            if (query.Due > executor.Now) continue;
            if (query.Tries < MaxTries) Send(query);
            else failed.Add(query);
        }
        foreach (var query in failed) queries.Remove(query);
        Arm();
        foreach (var query in failed) query.Waiter.OnPath(query.Destination, null);
    }
}
