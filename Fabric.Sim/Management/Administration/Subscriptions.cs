using Weft.Fabric.Execution;
using Weft.Fabric.Sim.Management.Sweeps;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>Who wants to hear of which notices, and reports that have not been confirmed yet. IBA Vol 1 §13.4.8.3, §13.4.11.</summary>
internal sealed class Subscriptions
{
    private const int MaxSubscriptions = 65_536, MaxReports = 16_384, MaxSends = 4, IssuerGidOffset = 64;
    private static readonly Duration Patience = Duration.FromMilliseconds(500);
    private readonly IExecutor executor;
    private readonly IManagementPort port;
    private readonly Execution.Timer timer;
    private readonly List<Subscription> subscriptions = [];
    private readonly SortedDictionary<ulong, PendingReport> pending = [];
    private ulong transaction;

    private sealed record Subscription(ulong PortGuid, Lid Lid, Qpn Queue, InformInfo Info);

    private sealed class PendingReport(byte[] mad, Lid lid, Qpn queue)
    {
        public byte[] Mad { get; } = mad;
        public Lid Lid { get; } = lid;
        public Qpn Queue { get; } = queue;
        public int Sent { get; set; }
        public Instant Deadline { get; set; }
    }

    public Subscriptions(IExecutor executor, IManagementPort port)
    {
        (this.executor, this.port) = (executor, port);
        timer = executor.CreateTimer("reports", Repeat);
    }

    public int Count => subscriptions.Count;

    public ushort Change(in SaRequest request, Span<byte> record)
    {
        InformInfo.TryRead(record, out var info);
        if (info.Subscribe > 1) return SaStatus.InvalidField;
        // A subscription is known by everything but whether it is one: the same again changes nothing. IBA Vol 1 §13.4.8.3.
        var queue = info.Subscribe == 1 || info.Qpn == default ? request.SourceQueue : info.Qpn;
        var entry = new Subscription(request.Requester!.Guid.Value, request.Source, queue, info with { Subscribe = 1, Qpn = queue, ResponseTime = 0 });
        if (info.Subscribe == 0) return subscriptions.Remove(entry) ? SaStatus.Ok : SaStatus.RequestInvalid;
        if (subscriptions.Contains(entry)) return SaStatus.Ok;
        if (subscriptions.Count >= MaxSubscriptions) return SaStatus.NoResources;
        subscriptions.Add(entry);
        return SaStatus.Ok;
    }

    public ushort Find(SubnetInventory inventory, in SaRequest request, RecordList list)
    {
        for (var i = 0; i < subscriptions.Count; i++)
        {
            var record = list.Begin();
            new Gid(inventory.Own.Info.GidPrefix, subscriptions[i].PortGuid).Write(record);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(record[16..], (ushort)i);
            subscriptions[i].Info.Write(record[24..]);
            list.Commit();
        }
        return SaStatus.Ok;
    }

    /// <summary>Sends a notice to everybody whose subscription covers it and who may know of its issuer.</summary>
    public void Report(SubnetInventory inventory, in Notice notice, Gid issuer)
    {
        foreach (var entry in subscriptions)
        {
            if (!Covers(entry.Info, notice) || pending.Count >= MaxReports) continue;
            if (inventory.FindPort(new Guid64(entry.PortGuid)) is not { } subscriber) continue;
            if (inventory.FindPort(notice.IssuerLid) is { } subject && !Visibility.MayKnow(subscriber, subject, inventory)) continue;
            Send(notice, issuer, subscriber.Lid, entry.Queue);
        }
        Rearm();
    }

    public void OnResponse(ulong id)
    {
        if (pending.Remove(id)) Rearm();
    }

    public void Clear()
    {
        subscriptions.Clear();
        pending.Clear();
        timer.Cancel();
    }

    private static bool Covers(in InformInfo wanted, in Notice notice)
    {
        const ushort All = 0xFFFF;
        if ((wanted.IsGeneric != 0) != notice.IsGeneric) return false;
        if (wanted.Type != All && wanted.Type != (ushort)notice.Type) return false;
        if (wanted.TrapNumber != All && wanted.TrapNumber != notice.TrapNumber) return false;
        if (wanted.ProducerType != 0xFF_FFFF && wanted.ProducerType != 0 && wanted.ProducerType != notice.ProducerType) return false;
        return wanted.LidRangeBegin.Value is 0 or All || (notice.IssuerLid.Value >= wanted.LidRangeBegin.Value && notice.IssuerLid.Value <= wanted.LidRangeEnd.Value);
    }

    private void Send(in Notice notice, Gid issuer, Lid destination, Qpn queue)
    {
        var mad = new byte[MadHeader.MadLength];
        new MadHeader(MadClass.SubnetAdministration, SaHeader.ClassVersion, MadMethod.Report, (ushort)SaAttribute.Notice, ++transaction).Write(mad);
        notice.Bytes.CopyTo(mad.AsSpan(SaHeader.DataOffset));
        issuer.Write(mad.AsSpan(SaHeader.DataOffset + IssuerGidOffset));
        var report = new PendingReport(mad, destination, queue);
        pending.Add(transaction, report);
        Transmit(report);
    }

    private void Transmit(PendingReport report)
    {
        report.Sent++;
        report.Deadline = executor.Now + Patience;
        port.Send(report.Lid, report.Queue, report.Mad);
    }

    private void Repeat()
    {
        var now = executor.Now;
        foreach (var (id, report) in pending.Where(p => p.Value.Deadline <= now).ToList())
        {
            if (report.Sent < MaxSends) Transmit(report);
            else pending.Remove(id);
        }
        Rearm();
    }

    private void Rearm()
    {
        var earliest = Instant.Never;
        foreach (var report in pending.Values) earliest = Instant.Min(earliest, report.Deadline);
        timer.Arm(earliest);
    }
}
