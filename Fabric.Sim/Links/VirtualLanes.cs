using System.Numerics;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Sim.Links;

/// <summary>
/// The sending end of an InfiniBand cable: a frame leaves when its virtual lane has credits for it, so that nothing is lost for want of
/// room. IBA Vol 1 §7.6, §7.9.4. While one data lane is in use this takes no events: when the credits for a frame are known to come, so is
/// the moment at which it leaves; else it leaves from inside the event that frees the room. With several lanes their arbiter decides,
/// each time that the wire is free. Lane 15 has no credits and a short queue, and passes the others.
/// </summary>
internal sealed class VirtualLanes
{
    public const byte Management = 15;
    private const int ManagementFrames = 32;
    private const int RoomyFrames = 64;

    private readonly LinkDirection direction;
    private readonly int capacity;
    private readonly bool isReceiverSwitch;
    private readonly CreditLane?[] lanes = new CreditLane?[Management];
    private readonly int[] headBlocks = new int[Management];
    private readonly Stack<BufferHold> freeHolds = [];
    private BufferHold? arrived;
    private LaneArbiter? arbiter;
    private Execution.Timer? timer;
    private int timerEpoch = -1;
    private int lanesUsed;
    private int waiting;
    private int epoch;
    private bool isPumping;

    /// <param name="bufferBytes">Room of each data lane at the receiver.</param>
    public VirtualLanes(LinkDirection direction, int bufferBytes)
    {
        this.direction = direction;
        capacity = CreditLane.Blocks(bufferBytes);
        isReceiverSwitch = direction.To.Node.IsShared;
    }

    /// <summary>How long a frame may be at the head of its lane without credits before it is dropped. Infinite at hosts. PortInfo:HOQLife.</summary>
    public Duration HeadLife { get; set; } = Duration.Infinite;
    /// <summary>Frames that wait for credits or for their turn.</summary>
    public int Waiting => waiting;
    public bool HasRoom => waiting < RoomyFrames;

    /// <summary>Whose turn it is when several lanes wait; none: all alike.</summary>
    public void Arbitrate(LaneArbiter by) => arbiter = by;

    private bool IsArbitrated => lanesUsed > 1;

    private CreditLane this[int number]
    {
        get
        {
            if (lanes[number] is { } known) return known;
            lanesUsed++;
            return lanes[number] = new(capacity);
        }
    }

    /// <summary>Takes a frame over.</summary>
    /// <param name="start">When it is ready to leave.</param>
    /// <param name="hold">What it takes up where it came in.</param>
    public void Send(Frame frame, long start, BufferHold? hold)
    {
        var number = IbFrame.LaneOf(frame.Span);
        if (number == Management) SendManagement(frame, start, hold);
        else if (!direction.IsUp) Discard(frame, DropReason.LinkDown, start, hold);
        else if (CreditLane.Blocks(frame.Length) > capacity) Discard(frame, DropReason.TooLong, start, hold);
        else
        {
            var lane = this[number];
            if (!IsArbitrated && lane.WaitingCount == 0 && TryLeave(lane, number, frame, start, start, hold)) return;
            lane.Enqueue(new(frame, start, hold));
            waiting++;
            if (IsArbitrated) PumpAll();
            else ArmLife();
        }
    }

    private void SendManagement(Frame frame, long start, BufferHold? hold)
    {
        if (direction.ManagementBacklog(start) >= ManagementFrames * frame.Length)
        {
            if (direction.From.Management is { } port) port.Counters.Vl15Dropped++;
            Discard(frame, DropReason.QueueFull, start, hold);
            return;
        }
        direction.Transmit(frame, Management, 0, ref start);
        hold?.Release(start);
    }

    /// <summary>Sends a frame of the only lane at the moment that its credits allow; false when that moment is not known.</summary>
    /// <param name="since">When it got to the head of its lane.</param>
    private bool TryLeave(CreditLane lane, byte number, Frame frame, long start, long since, BufferHold? hold)
    {
        var blocks = CreditLane.Blocks(frame.Length);
        start = Math.Max(start, lane.LastStart);
        if (!lane.IsKnown(blocks, start, out var at)) return false;
        if (!HeadLife.IsInfinite && at - Math.Max(since, lane.LastStart) > HeadLife.Nanoseconds)
        {
            Expire(frame, Math.Max(since, lane.LastStart) + HeadLife.Nanoseconds, hold);
            return true;
        }
        lane.TryTake(blocks, start, out at);
        CountWait(at - start);
        Leave(lane, number, frame, blocks, at, hold);
        return true;
    }

    private void Leave(CreditLane lane, byte number, Frame frame, int blocks, long start, BufferHold? hold)
    {
        lane.LastStart = start;
        var end = start;
        var arrives = direction.Transmit(frame, number, blocks, ref end);
        // A host takes what arrives out of its buffer at once; what is lost on the way takes up none. The next credit update says so.
        if (!isReceiverSwitch || !arrives) lane.Add(end + 2 * direction.Latency, blocks);
        hold?.Release(end);
    }

    private void CountWait(long nanoseconds)
    {
        if (nanoseconds > 0 && direction.From.Management is { } port) port.Counters.XmitWait += (ulong)nanoseconds;
    }

    private void Expire(Frame frame, long at, BufferHold? hold)
    {
        if (direction.From.Management is { } port) port.Counters.XmitDiscards++;
        Discard(frame, DropReason.HeadOfQueue, at, hold);
    }

    private void Discard(Frame frame, DropReason reason, long at, BufferHold? hold)
    {
        direction.Drop(frame, reason);
        hold?.Release(at);
    }

    #region The receiver's end

    /// <summary>A frame arrived at a switch: its room, until the switch has passed it on. Taken once, by <see cref="TakeArrived"/>.</summary>
    public void Arrive(byte lane, int blocks)
    {
        if (lane == Management) return;
        var hold = freeHolds.TryPop(out var pooled) ? pooled : new(this);
        hold.Begin(lane, blocks, epoch);
        arrived = hold;
    }

    public BufferHold? TakeArrived()
    {
        var hold = arrived;
        arrived = null;
        return hold;
    }

    /// <summary>Room at the receiver is free again; the sender learns of it one latency later.</summary>
    public void Free(BufferHold hold, long at)
    {
        freeHolds.Push(hold);
        if (hold.Epoch != epoch) return;
        direction.TouchState();
        var lane = this[hold.Lane];
        lane.Add(at + direction.Latency, hold.Blocks);
        if (waiting == 0) return;
        if (IsArbitrated) PumpAll();
        else Pump(lane, hold.Lane);
    }

    #endregion

    #region Waiting

    /// <summary>Sends what waits in the only lane, as far as credits are known.</summary>
    private void Pump(CreditLane lane, byte number)
    {
        if (lane.IsPumping) return; // what leaves may free room that lets this very lane go on
        lane.IsPumping = true;
        while (lane.WaitingCount > 0)
        {
            ref var head = ref lane.Head;
            if (!lane.IsKnown(CreditLane.Blocks(head.Frame.Length), Math.Max(head.Since, lane.LastStart), out _)) break;
            var since = lane.HeadSince;
            var frame = lane.Dequeue(lane.LastStart);
            waiting--;
            TryLeave(lane, number, frame.Frame, frame.Since, since, frame.Hold);
        }
        lane.IsPumping = false;
        ArmLife();
    }

    /// <summary>Lets the arbiter send, one frame each time that the wire is free.</summary>
    private void PumpAll()
    {
        if (isPumping) return;
        isPumping = true;
        var now = direction.World.EventTime.Nanoseconds;
        while (waiting > 0 && direction.FreeAt <= now)
        {
            var ready = 0;
            for (var number = 0; number < lanes.Length; number++)
            {
                if (lanes[number] is not { WaitingCount: > 0 } lane || lane.Head.Since > now) continue;
                headBlocks[number] = CreditLane.Blocks(lane.Head.Frame.Length);
                if (lane.IsKnown(headBlocks[number], now, out var at) && at <= now) ready |= 1 << number;
            }
            if (ready == 0) break;
            var next = (arbiter ??= LaneArbiter.Even()).Next(ready, headBlocks);
            // A lane without a place in the tables may never send; it is served last, so that a manager's mistake costs time, not frames.
            if (next < 0) next = BitOperations.TrailingZeroCount(ready);
            var chosen = lanes[next]!;
            CountWait(now - Math.Max(chosen.HeadSince, direction.FreeAt));
            var frame = chosen.Dequeue(now);
            waiting--;
            chosen.TryTake(headBlocks[next], now, out _);
            Leave(chosen, (byte)next, frame.Frame, headBlocks[next], now, frame.Hold);
        }
        isPumping = false;
        ArmNext(now);
    }

    /// <summary>The next moment at which something can happen: the wire is free, credits come, a frame is ready, or one has waited too long.</summary>
    private void ArmNext(long now)
    {
        if (waiting == 0)
        {
            timer?.Cancel();
            return;
        }
        var next = long.MaxValue;
        foreach (var lane in lanes)
        {
            if (lane is not { WaitingCount: > 0 }) continue;
            var ready = Math.Max(lane.Head.Since, direction.FreeAt);
            if (lane.IsKnown(CreditLane.Blocks(lane.Head.Frame.Length), now, out var at)) next = Math.Min(next, Math.Max(ready, at));
            if (!HeadLife.IsInfinite) next = Math.Min(next, lane.HeadSince + HeadLife.Nanoseconds);
        }
        Arm(next);
    }

    /// <summary>With one lane only the life of its head needs an event.</summary>
    private void ArmLife()
    {
        var next = long.MaxValue;
        if (!HeadLife.IsInfinite)
        {
            foreach (var lane in lanes)
                if (lane is { WaitingCount: > 0 }) next = Math.Min(next, lane.HeadSince + HeadLife.Nanoseconds);
        }
        Arm(next);
    }

    private void Arm(long at)
    {
        if (at == long.MaxValue)
        {
            timer?.Cancel();
            return;
        }
        var node = direction.From.Node;
        if (timer is null || timerEpoch != node.Epoch) (timer, timerEpoch) = (node.CreateTimer($"{direction.Name} lanes", OnTimer), node.Epoch);
        timer.Arm(new(at));
    }

    private void OnTimer()
    {
        direction.TouchState();
        var now = direction.World.EventTime.Nanoseconds;
        foreach (var lane in lanes)
        {
            while (!HeadLife.IsInfinite && lane is { WaitingCount: > 0 } && lane.HeadSince + HeadLife.Nanoseconds <= now)
            {
                var frame = lane.Dequeue(now);
                waiting--;
                Expire(frame.Frame, now, frame.Hold);
            }
        }
        if (IsArbitrated) PumpAll();
        else
        {
            for (byte number = 0; number < lanes.Length; number++)
                if (lanes[number] is { } lane) Pump(lane, number);
        }
    }

    /// <summary>The link went down: what waits is lost, and the buffers at the other end begin empty.</summary>
    public void Flush(DropReason reason)
    {
        epoch++;
        var now = direction.World.EventTime.Nanoseconds;
        foreach (var lane in lanes)
        {
            while (lane is { WaitingCount: > 0 })
            {
                var frame = lane.Dequeue(now);
                waiting--;
                Discard(frame.Frame, reason, now, frame.Hold);
            }
            lane?.Reset();
        }
        timer?.Cancel();
    }

    #endregion
}
