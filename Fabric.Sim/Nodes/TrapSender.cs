using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>
/// Sends what a node has to tell its manager as traps, again and again until the manager represses them or a limit is reached. Nothing is
/// sent while the port has no LID or knows no manager. IBA Vol 1 §13.4.9, §14.2.5.1.
/// </summary>
internal sealed class TrapSender
{
    private const int MaxPending = 16, MaxTries = 10;
    private static readonly Duration Pause = Duration.FromSeconds(1);

    public delegate void Sender(Lid destination, ReadOnlySpan<byte> trap);

    private readonly SimNode node;
    private readonly SubnetPort port;
    private readonly Sender send;
    private readonly List<Pending> pending = [];
    private readonly byte[] mad = new byte[SmpMad.Length];
    private Execution.Timer? timer;
    private int timerEpoch;
    private ulong transactions;

    private sealed class Pending(ulong transaction, Notice notice)
    {
        public readonly ulong Transaction = transaction;
        public readonly Notice Notice = notice;
        public int Tries;
    }

    /// <param name="port">Port 0 of a switch, or a port of an adapter.</param>
    /// <param name="send">Sends a MAD from the port.</param>
    public TrapSender(SimNode node, SubnetPort port, Sender send) => (this.node, this.port, this.send) = (node, port, send);

    public void Raise(in Notice notice)
    {
        if (!node.IsAlive || port.Lid.Value == 0 || port.EndPort.Info.MasterSmLid.Value == 0) return;
        // The same again while it waits is no news.
        foreach (var other in pending)
            if (other.Notice.Bytes.SequenceEqual(notice.Bytes)) return;
        if (pending.Count == MaxPending) return;
        pending.Add(new(++transactions, notice));
        Send(pending[^1]);
        if (pending.Count == 1) Arm();
    }

    public void OnRepress(ulong transaction)
    {
        pending.RemoveAll(p => p.Transaction == transaction);
        if (pending.Count == 0) timer?.Cancel();
    }

    private void Send(Pending trap)
    {
        trap.Tries++;
        Array.Clear(mad);
        var smp = new SmpMad(mad);
        smp.BeginLidRouted(MadMethod.Trap, SmpAttribute.Notice, 0, trap.Transaction);
        trap.Notice.Write(smp.Data);
        send(port.EndPort.Info.MasterSmLid, mad);
    }

    private void Arm()
    {
        if (timer is null || timerEpoch != node.Epoch) (timer, timerEpoch) = (node.CreateTimer($"{port} trap", OnTimer), node.Epoch);
        timer.Arm(node.World.EventTime + Pause);
    }

    private void OnTimer()
    {
        pending.RemoveAll(p => p.Tries >= MaxTries);
        foreach (var trap in pending.ToArray()) Send(trap);
        if (pending.Count > 0) Arm();
    }
}
