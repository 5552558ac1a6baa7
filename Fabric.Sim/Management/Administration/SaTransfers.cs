using Weft.Fabric.Execution;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>Answers of several packets that are under way, and the timer that sends them again.</summary>
internal sealed class SaTransfers
{
    private const int MaxActive = 1024;
    private readonly IExecutor executor;
    private readonly IManagementPort port;
    private readonly Execution.Timer timer;
    private readonly Dictionary<(ushort Lid, ulong Transaction), Transfer> active = [];
    private readonly byte[] packet = new byte[MadHeader.MadLength];

    private sealed record Transfer(RmppSender Sender, Lid Destination, Qpn Queue);

    public SaTransfers(IExecutor executor, IManagementPort port)
    {
        (this.executor, this.port) = (executor, port);
        timer = executor.CreateTimer("subnet administration transfers", OnTimer);
    }

    /// <summary>Begins an answer; it takes the place of one to the same question that is still under way.</summary>
    public void Start(ReadOnlySpan<byte> header, ReadOnlyMemory<byte> records, Lid destination, Qpn queue)
    {
        MadHeader.TryRead(header, out var mad);
        if (!port.CarriesTransfers)
        {
            new RmppSender(header, records, RmppLimits.Default).TryTake(packet, executor.Now);
            port.Send(destination, queue, packet);
            return;
        }
        var key = (destination.Value, mad.TransactionId);
        if (active.Count >= MaxActive && !active.ContainsKey(key)) return; // the client asks again
        active[key] = new(new(header, records, RmppLimits.Default), destination, queue);
        Pump(key);
    }

    public void OnMad(Lid source, ulong transaction, in RmppHeader rmpp)
    {
        var key = (source.Value, transaction);
        if (!active.TryGetValue(key, out var transfer)) return;
        transfer.Sender.OnMad(rmpp, executor.Now);
        Pump(key);
    }

    public void Clear()
    {
        active.Clear();
        timer.Cancel();
    }

    private void Pump((ushort Lid, ulong Transaction) key)
    {
        var transfer = active[key];
        while (transfer.Sender.TryTake(packet, executor.Now)) port.Send(transfer.Destination, transfer.Queue, packet);
        if (transfer.Sender.State != RmppState.Active) active.Remove(key);
        Rearm();
    }

    private void OnTimer()
    {
        var now = executor.Now;
        foreach (var key in active.Where(a => a.Value.Sender.Deadline <= now).Select(a => a.Key).Order().ToList())
        {
            active[key].Sender.OnTimeout(now);
            Pump(key);
        }
        Rearm();
    }

    private void Rearm()
    {
        var earliest = Instant.Never;
        foreach (var transfer in active.Values) earliest = Instant.Min(earliest, transfer.Sender.Deadline);
        timer.Arm(earliest);
    }
}
