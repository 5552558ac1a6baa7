using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>
/// What nodes have to tell the manager behind the management port: each notice is sent again and again until the manager represses it, or
/// has had enough of it. IBA Vol 1 §13.4.9, §14.2.5.1.
/// </summary>
internal sealed class TrapQueue
{
    private const int MaxPending = 256, MaxTries = 10;
    private static readonly Duration Pause = Duration.FromSeconds(1);
    private readonly List<Trap> pending = [];
    private uint transactions;

    public sealed class Trap(SubnetPort port, in Notice notice, uint transaction)
    {
        private readonly Notice notice = notice;

        public SubnetPort Port => port;
        public ref readonly Notice Notice => ref notice;
        /// <summary>The half of the transaction that the manager's library leaves alone.</summary>
        public uint Transaction => transaction;
        internal int Tries { get; set; }
        internal Instant Next { get; set; } = Instant.Zero;
    }

    /// <summary>When <see cref="TryTakeDue"/> has something next.</summary>
    public Instant Deadline => pending.Count == 0 ? Instant.Never : pending.Min(trap => trap.Next);

    /// <summary>Takes a notice. One that waits to be repressed already is no news.</summary>
    public void Add(SubnetPort port, in Notice notice)
    {
        foreach (var other in pending)
            if (other.Port == port && other.Notice.Bytes.SequenceEqual(notice.Bytes)) return;
        if (pending.Count < MaxPending) pending.Add(new(port, notice, ++transactions));
    }

    /// <summary>Whoever is told has heard it.</summary>
    public void Repress(SubnetPort port, uint transaction) => pending.RemoveAll(trap => trap.Port.EndPort == port.EndPort && trap.Transaction == transaction);

    /// <summary>The next trap to send now; it is due again after a second.</summary>
    public bool TryTakeDue(Instant now, out Trap trap)
    {
        for (var i = 0; i < pending.Count; i++)
        {
            trap = pending[i];
            if (trap.Next > now) continue;
            trap.Next = now + Pause;
            if (++trap.Tries >= MaxTries) pending.RemoveAt(i);
            return true;
        }
        trap = null!;
        return false;
    }
}
