using Weft.Fabric.Execution;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>
/// Requests and answers of one manager: a bounded number under way, each sent again when its time runs out, matched by transaction id.
/// In steady state it allocates nothing.
/// </summary>
internal sealed class SmpExchange
{
    private const int SlotBits = 8;
    private readonly IManagementPort port;
    private readonly IExecutor executor;
    private readonly ManagerOptions options;
    private readonly ISmpOwner owner;
    private readonly uint tag;
    private readonly Queue<SweepRequest> waiting = [];
    private readonly Slot[] slots;
    private readonly Stack<int> free = [];
    private readonly Execution.Timer timer;
    private readonly byte[] packet = new byte[SmpMad.Length];
    private uint sequence;
    private bool isFilling;

    private struct Slot
    {
        public SweepRequest Request;
        public uint Transaction;
        public int Sent;
        public Instant Deadline;
    }

    /// <param name="tag">Bit 31 of all transaction ids: keeps two exchanges of one port apart.</param>
    public SmpExchange(IManagementPort port, IExecutor executor, ManagerOptions options, ISmpOwner owner, uint tag = 0)
    {
        (this.port, this.executor, this.options, this.owner, this.tag) = (port, executor, options, owner, tag);
        slots = new Slot[Math.Clamp(options.MaxOutstanding, 1, 1 << SlotBits)];
        for (var i = slots.Length - 1; i >= 0; i--) free.Push(i);
        timer = executor.CreateTimer("subnet manager requests", OnTimer);
    }

    public int UnderWay => slots.Length - free.Count;
    public bool IsIdle => UnderWay == 0 && waiting.Count == 0;
    /// <summary>Packets sent, repeated ones too.</summary>
    public long Sent { get; private set; }
    /// <summary>Sets among them, each counted once.</summary>
    public long Orders { get; private set; }
    public long Lost { get; private set; }

    /// <summary>Queues a request; <see cref="Flush"/> starts it.</summary>
    public void Add(in SweepRequest request) => waiting.Enqueue(request);

    /// <summary>Forgets everything; answers that still come match nothing.</summary>
    public void Clear()
    {
        waiting.Clear();
        free.Clear();
        for (var i = slots.Length - 1; i >= 0; i--)
        {
            slots[i].Transaction = 0;
            free.Push(i);
        }
        timer.Cancel();
    }

    /// <summary>Sends what fits. Tells the owner when there is nothing left.</summary>
    public void Flush()
    {
        if (isFilling) return;
        isFilling = true;
        while (true)
        {
            while (free.Count > 0 && waiting.TryDequeue(out var request)) Begin(request);
            if (UnderWay > 0 || waiting.Count > 0) break;
            timer.Cancel();
            owner.OnDrained(); // queues the next phase, or ends
            if (waiting.Count == 0) break;
        }
        isFilling = false;
        if (UnderWay > 0 && !timer.IsArmed) timer.Arm(Earliest());
    }

    /// <summary>A response that arrived. False when it answers nothing that is under way.</summary>
    public bool OnResponse(SmpMad mad)
    {
        var transaction = (uint)mad.TransactionId;
        var index = (int)(transaction & ((1 << SlotBits) - 1));
        if (index >= slots.Length || slots[index].Transaction != transaction || transaction == 0) return false;
        var request = slots[index].Request;
        if (mad.Attribute != request.Attribute) return false;
        Release(index);
        owner.OnAnswer(request, mad);
        Flush();
        return true;
    }

    private void Begin(in SweepRequest request)
    {
        var index = free.Pop();
        sequence = sequence + 1 & 0x7F_FFFF;
        if (sequence == 0) sequence = 1;
        slots[index] = new() { Request = request, Transaction = tag | sequence << SlotBits | (uint)index };
        Transmit(ref slots[index]);
    }

    private void Transmit(ref Slot slot)
    {
        owner.Write(slot.Request, slot.Transaction, new(packet));
        if (slot.Sent++ == 0 && slot.Request.IsSet) Orders++;
        slot.Deadline = executor.Now + options.ResponseTimeout;
        Sent++;
        port.Send(Lid.Permissive, Qpn.Smi, packet);
    }

    private void OnTimer()
    {
        var now = executor.Now;
        for (var i = 0; i < slots.Length; i++)
        {
            ref var slot = ref slots[i];
            if (slot.Transaction == 0 || slot.Deadline > now) continue;
            if (slot.Sent <= options.Retries)
            {
                Transmit(ref slot);
                continue;
            }
            var request = slot.Request;
            Release(i);
            Lost++;
            owner.OnLost(request);
        }
        Flush();
        if (UnderWay > 0) timer.Arm(Earliest());
    }

    private Instant Earliest()
    {
        var earliest = Instant.Never;
        foreach (ref readonly var slot in slots.AsSpan())
            if (slot.Transaction != 0) earliest = Instant.Min(earliest, slot.Deadline);
        return earliest;
    }

    private void Release(int index)
    {
        slots[index].Transaction = 0;
        free.Push(index);
    }
}
