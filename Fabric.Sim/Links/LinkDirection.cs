using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Sim.Links;

/// <summary>
/// One direction of a cable. The sender's node owns its state (when the last bit leaves, what is planned to go wrong); only the arrival
/// is an event, of the receiver's node.
/// </summary>
internal sealed class LinkDirection
{
    // Preamble 8, frame check sequence 4, interpacket gap 12; a frame is at least 64 bytes with its check sequence. IEEE 802.3 §3.2, §4.4.2.
    private const int EthernetOverhead = 24;
    private const int EthernetMinimum = 60;
    private const int FlowLimit = 1024;

    private readonly SimLink link;
    private readonly SimNode sender;
    private readonly long picosecondsPerByte;
    private readonly long latency;
    private readonly int queueBytes;
    private readonly FlowSeparation separation;
    private readonly ulong sourceBase;
    private readonly ulong resource;
    private ulong sequence;
    private readonly FrameLane lane;
    private Dictionary<ulong, FrameLane>? flowIndex;
    private List<FrameLane>? flows;
    private long lastSend;
    private long freeAtPicoseconds, managementFreeAtPicoseconds;
    private FrameLane? managementLane;

    public LinkDirection(SimLink link, LinkPort from, LinkPort to, LinkOptions options, ulong sourceBase)
    {
        this.link = link;
        From = from;
        To = to;
        sender = from.Node;
        Name = $"{from.Name}>{to.Name}";
        Impairments = options.Impairments;
        picosecondsPerByte = options.BitsPerSecond == 0 ? 0 : 8_000_000_000_000 / options.BitsPerSecond;
        latency = options.Latency.Nanoseconds;
        queueBytes = options.QueueBytes;
        separation = options.Flows;
        this.sourceBase = sourceBase;
        resource = World.NewResource();
        sequence = SimNode.FirstLinkRank + (sourceBase >> 32 & 0x7FFF_FFFF) << SimNode.SequenceBits;
        lane = new(this, sourceBase);
        if (options.Type == LinkType.InfiniBand) Lanes = new(this, options.LaneBytes);
    }

    public World World => link.World;
    public LinkPort From { get; }
    public LinkPort To { get; }
    public string Name { get; }
    public LinkImpairments Impairments { get; set; }
    public bool IsCut { get; set; }
    public List<FrameFault>? Faults { get; private set; }
    /// <summary>Flow control: on InfiniBand.</summary>
    public VirtualLanes? Lanes { get; }
    public long Latency => latency;
    public bool IsUp => link.IsUp;
    /// <summary>When the wire is free, in nanoseconds.</summary>
    public long FreeAt => (freeAtPicoseconds + 999) / 1000;

    public void Plan(FrameFault fault) => (Faults ??= []).Add(fault);

    /// <summary>Order among equals: the link's rank, then the frames' own.</summary>
    public ulong NextSequence() => ++sequence;

    /// <summary>The running event depends on, or changes, what the sender's end keeps.</summary>
    public void TouchState() => World.Touch(resource, isWrite: true);

    /// <summary>
    /// The running event is the arrival of a frame. One that others may still pass depends on what is sent meanwhile; the arrival at a
    /// switch touches no node, and must not be swapped with the loss of the link.
    /// </summary>
    public void TouchArrival(bool mayBePassed)
    {
        if (mayBePassed || To.Node.IsShared) TouchState();
    }

    /// <summary>Sends a frame that reaches the port after so long (the time a switch takes), and takes over the reference.</summary>
    /// <param name="hold">InfiniBand: what the frame takes up in the buffer of the switch that sends it on.</param>
    public void Send(Frame frame, long after, BufferHold? hold = null)
    {
        World.Touch(sender);
        if (sender.IsShared || Impairments.ReorderingPpm > 0 || (Lanes is not null && To.Node.IsShared)) TouchState();
        var start = Math.Max(lastSend, sender.LocalTime + after);
        lastSend = start;
        if (Lanes is not null) Lanes.Send(frame, start, hold);
        else Transmit(frame, 0, 0, ref start);
    }

    /// <summary>A frame leaves its port, and what can happen to it on the way happens.</summary>
    /// <param name="start">When it leaves; becomes the moment at which its last bit has left.</param>
    /// <returns>False when it will not arrive.</returns>
    public bool Transmit(Frame frame, byte virtualLane, int blocks, ref long start)
    {
        var world = World;
        world.Statistics.FramesSent++;
        world.Observer?.OnFrameSent(From, frame, new(start));
        if (!link.IsUp) return Lose(frame, DropReason.LinkDown);
        if (!Fits(frame)) return Lose(frame, DropReason.TooLong);
        var extra = 0L;
        var twice = false;
        if (Faults is not null && !ApplyFaults(ref frame, ref extra, ref twice)) return false;
        if (!TrySerialise(frame, virtualLane == VirtualLanes.Management, ref start)) return Lose(frame, DropReason.QueueFull);
        if (Lanes is not null) Count(From.Management, frame, isSent: true);
        if (IsCut) return Lose(frame, DropReason.Cut);
        var passes = 0;
        if (!Impairments.IsNone && !Impair(ref frame, ref extra, ref twice, ref passes)) return false;
        var into = virtualLane == VirtualLanes.Management ? managementLane ??= new(this, sourceBase + FlowLimit + 1)
            : separation == FlowSeparation.None ? lane : FindFlow(frame);
        if (twice) frame.AddReference();
        into.Add(frame, start + latency + extra, passes, virtualLane, blocks);
        if (twice) into.Add(frame, start + latency + extra, 0, virtualLane, blocks);
        return true;
    }

    private bool Lose(Frame frame, DropReason reason)
    {
        Drop(frame, reason);
        return false;
    }

    public void Deliver(Frame frame, byte virtualLane, int blocks)
    {
        var receiver = To.Receiver;
        var isHeld = Lanes is not null && To.Node.IsShared;
        if (isHeld) Lanes!.Arrive(virtualLane, blocks);
        if (receiver is null || !To.Node.IsAlive) Drop(frame, DropReason.NoReceiver);
        else
        {
            World.Statistics.FramesDelivered++;
            World.Observer?.OnFrameDelivered(To, frame, World.EventTime);
            if (Lanes is not null) Count(To.Management, frame, isSent: false);
            receiver.OnFrame(frame);
        }
        if (isHeld) Lanes!.TakeArrived()?.Release(World.EventTime.Nanoseconds);
    }

    private static void Count(SubnetPort? port, Frame frame, bool isSent)
    {
        if (port is null || frame.Length < Lrh.Length) return;
        var isMulticast = IbFrame.DestinationOf(frame.Span).IsMulticast;
        if (isSent) port.Counters.CountXmit(frame.Length / 4, isMulticast);
        else port.Counters.CountRcv(frame.Length / 4, isMulticast);
    }

    public void Drop(Frame frame, DropReason reason)
    {
        World.Statistics.FramesDropped++;
        World.Observer?.OnFrameDropped(From, frame, reason, World.EventTime);
        frame.Release();
    }

    public void Flush(DropReason reason)
    {
        Lanes?.Flush(reason);
        lane.Flush(reason);
        managementLane?.Flush(reason);
        if (flows is null) return;
        foreach (var flow in flows) flow.Flush(reason);
    }

    private bool Fits(Frame frame)
    {
        if (link.Type != LinkType.Ethernet) return frame.Length <= link.Mtu + IbFrame.MaxOverhead;
        var header = frame.Length >= 14 && frame.Buffer[frame.Start + 12] == 0x81 && frame.Buffer[frame.Start + 13] == 0 ? 18 : 14;
        return frame.Length <= link.Mtu + header;
    }

    /// <summary>Bytes of subnet management that are still to leave at a moment.</summary>
    public long ManagementBacklog(long at) => picosecondsPerByte == 0 ? 0 : Math.Max(0, managementFreeAtPicoseconds - at * 1000) / picosecondsPerByte;

    private bool TrySerialise(Frame frame, bool isManagement, ref long start)
    {
        if (picosecondsPerByte == 0) return true;
        var length = link.Type == LinkType.Ethernet ? Math.Max(frame.Length, EthernetMinimum) + EthernetOverhead : frame.Length;
        // Management goes between the packets of others; what is already on its way is not moved for it.
        var from = Math.Max(isManagement ? managementFreeAtPicoseconds : freeAtPicoseconds, start * 1000);
        var waiting = (from - start * 1000) / picosecondsPerByte;
        if (Lanes is null && waiting > 0 && waiting + length > queueBytes) return false;
        var until = from + length * picosecondsPerByte;
        if (isManagement) managementFreeAtPicoseconds = until;
        freeAtPicoseconds = isManagement ? Math.Max(freeAtPicoseconds, start * 1000) + length * picosecondsPerByte : until;
        start = (until + 999) / 1000;
        return true;
    }

    private const int MacAddressBits = 12 * 8;

    private bool Impair(ref Frame frame, ref long extra, ref bool twice, ref int passes)
    {
        var chooser = World.Chooser;
        var rates = Impairments;
        ref var statistics = ref World.Statistics;
        if (rates.LossPpm > 0 && chooser.Choose(2, new(ChoiceKind.Loss, Name, rates.LossPpm)) == 1)
        {
            statistics.FramesLost++;
            Drop(frame, DropReason.Loss);
            return false;
        }
        if (rates.CorruptionPpm > 0 && chooser.Choose(2, new(ChoiceKind.Corruption, Name, rates.CorruptionPpm)) == 1)
        {
            statistics.FramesLost++;
            var bit = chooser.Choose(frame.Length * 8, new(ChoiceKind.Corruption, Name));
            if (link.Type == LinkType.Ethernet && bit < MacAddressBits)
            {
                // The next hop's frame check sees it; a switch that took the address for real would send others' frames astray for ever.
                Drop(frame, DropReason.Loss);
                return false;
            }
            if (To.Management is { } port)
            {
                port.Counters.SymbolErrors++;
                port.Counters.RcvErrors++;
            }
            Flip(ref frame, bit);
        }
        if (rates.DuplicationPpm > 0 && chooser.Choose(2, new(ChoiceKind.Duplication, Name, rates.DuplicationPpm)) == 1) twice = true;
        if (rates.DelayPpm > 0 && chooser.Choose(2, new(ChoiceKind.Delay, Name, rates.DelayPpm)) == 1)
            extra += rates.DelayStep.Nanoseconds * (1 + chooser.Choose(rates.DelaySteps, new(ChoiceKind.Delay, Name)));
        if (rates.ReorderingPpm > 0 && chooser.Choose(2, new(ChoiceKind.Reordering, Name, rates.ReorderingPpm)) == 1)
        {
            passes = 1 + chooser.Choose(rates.ReorderDistance, new(ChoiceKind.Reordering, Name));
            extra += rates.ReorderGap.Nanoseconds * passes;
        }
        if (twice || extra > 0) statistics.FramesDisturbed++;
        return true;
    }

    private bool ApplyFaults(ref Frame frame, ref long extra, ref bool twice)
    {
        foreach (var fault in Faults!)
        {
            if (!fault.Strikes(frame.Span, World.Chooser, Name)) continue;
            switch (fault.Action)
            {
                case FrameFaultAction.Drop:
                    Drop(frame, DropReason.Fault);
                    return false;
                case FrameFaultAction.Duplicate:
                    twice = true;
                    break;
                case FrameFaultAction.Delay:
                    extra += fault.Delay.Nanoseconds;
                    break;
                case FrameFaultAction.Corrupt:
                    Flip(ref frame, Math.Min(fault.Bit, frame.Length * 8 - 1));
                    break;
            }
        }
        return true;
    }

    // Others may hold the frame, to send it again: they keep the good one.
    private void Flip(ref Frame frame, int bit)
    {
        if (frame.References > 1)
        {
            var copy = World.Frames.Copy(frame);
            frame.Release();
            frame = copy;
        }
        frame.Buffer[frame.Start + (bit >> 3)] ^= (byte)(1 << (bit & 7));
    }

    private FrameLane FindFlow(Frame frame)
    {
        var key = link.Type == LinkType.Ethernet ? FlowKey.Of(frame.Span, separation) : FlowKey.OfInfiniBand(frame.Span, separation);
        if (key == 0) return lane;
        flowIndex ??= [];
        flows ??= [];
        if (flowIndex.TryGetValue(key, out var flow)) return flow;
        if (flows.Count < FlowLimit)
        {
            flow = new(this, sourceBase + (ulong)flows.Count + 1);
            flows.Add(flow);
        }
        else flow = flows[(int)(key % FlowLimit)];
        flowIndex.Add(key, flow);
        return flow;
    }
}
