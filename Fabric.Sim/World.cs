using System.Runtime.CompilerServices;
using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Faults;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim;

/// <summary>
/// Virtual time and everything that lives in it, on one thread. See <see cref="OrderOptions"/> for the order of events.
/// A world is made, runs once and is thrown away; <see cref="WorldResources"/> carries its buffers over to the next.
/// </summary>
public sealed partial class World
{
    private readonly List<SimNode> nodes = [];
    private readonly List<SimLink> links = [];
    private readonly OrderFreedom[] freedom = new OrderFreedom[12];
    private readonly long[] windows = new long[12];
    private readonly IChooser explorer;
    private readonly IOrderChooser? orderChooser;
    private readonly SeededChooser seeded;
    private readonly SimLane scriptLane;
    private readonly bool mayExplore;
    private SimNode current;
    private long eventTime;
    private long now;
    private readonly long timeLimit, eventLimit;
    private ulong resources; // 0 stands for everything
    private Footprint touched;

    // Of the running event, while orders are explored: what it bequeaths to what it causes.
    private int eventNumber = -1;
    private long eventLatest = long.MinValue;
    private OrderFreedom eventFreedom;
    private ChoiceKind eventFreedBy;
    private Withdrawal withdrawn = Withdrawal.None;

    /// <param name="resources">Shared with the worlds before and after this one; none: its own.</param>
    public World(WorldOptions? options = null, WorldResources? resources = null)
    {
        Options = options ?? new();
        Resources = resources ?? new();
        Resources.Begin();
        Observer = Options.Observer;
        timeLimit = Options.TimeLimit.Nanoseconds;
        eventLimit = Options.EventLimit;
        seeded = Resources.Seeded;
        seeded.Reset(Options.Seed);
        explorer = Options.Chooser ?? seeded;
        orderChooser = explorer as IOrderChooser;
        var order = Options.Order;
        IsExploring = mayExplore = !order.IsNatural || orderChooser is { SeesEveryEvent: true };
        if (orderChooser is { Reduces: true } && order.HasSeededOrder)
            throw new ArgumentException("equivalent orders can only be left out when every kind of event that has a window is open", nameof(options));
        for (var kind = ChoiceKind.Delivery; kind <= ChoiceKind.Script; kind++)
        {
            freedom[(int)kind] = order.Freedom(kind);
            windows[(int)kind] = order.Window(kind).Nanoseconds;
        }
        Chooser = new WorldChooser(this, order.Open, explorer, seeded);
        Script = current = AddNode("script", isShared: false);
        scriptLane = (SimLane)Script.CreateLane("script", ChoiceKind.Script);
        Faults = new(this);
    }

    public WorldOptions Options { get; }
    public WorldResources Resources { get; }
    /// <summary>The latest moment that any node has reached.</summary>
    public Instant Now => new(now);
    /// <summary>Answers for all nodes.</summary>
    public IChooser Chooser { get; }
    /// <summary>The node on which the scenario's script runs. Its events commute with nothing.</summary>
    public SimNode Script { get; }
    public IReadOnlyList<SimNode> Nodes => nodes;
    public IReadOnlyList<SimLink> Links => links;
    public FaultPlan Faults { get; }
    public FramePool Frames => Resources.Frames;
    public IWorldObserver? Observer { get; set; }
    public RunStatistics Statistics;

    internal EventHeap Heap => Resources.Heap;
    internal WaitList Waits { get; } = new();
    /// <summary>Whether the order of events may be anything but the natural one.</summary>
    internal bool IsExploring { get; private set; }
    internal Instant EventTime => new(eventTime);

    /// <summary>A node with an executor of its own; devices attach to the ports that <see cref="Connect"/> gives it.</summary>
    public SimNode AddHost(string name) => AddNode(name, isShared: false);

    /// <summary>A node whose events name by themselves what they touch: a switch.</summary>
    internal SimNode AddShared(string name) => AddNode(name, isShared: true);

    public EthernetSwitch AddSwitch(string name, SwitchOptions? options = null) => new(AddShared(name), options ?? new());

    /// <summary>A cable. A switch's end is attached to the switch; a host's end waits for <see cref="LinkPort.Attach"/>.</summary>
    public SimLink Connect(SimNode a, SimNode b, LinkOptions? options = null)
    {
        var link = new SimLink(this, a, b, options ?? new());
        links.Add(link);
        return link;
    }

    public SimLink Connect(SimNode host, EthernetSwitch other, LinkOptions? options = null)
    {
        var link = Connect(host, other.Node, options);
        other.Plug(link.B);
        return link;
    }

    public SimLink Connect(EthernetSwitch a, EthernetSwitch b, LinkOptions? options = null)
    {
        var link = Connect(a.Node, b.Node, options);
        a.Plug(link.A);
        b.Plug(link.B);
        return link;
    }

    /// <summary>
    /// What comes now is of no interest: from here on events run in their natural order. An exploration then covers the orders of the
    /// events up to here, and the clean-up behind them multiplies nothing.
    /// </summary>
    public void CloseOrder()
    {
        // Whatever is pending could have come before this: the event that closes commutes with nothing.
        if (IsExploring) touched.Add(0, isWrite: true);
        IsExploring = false;
    }

    /// <summary>
    /// What comes now is of interest again: after <see cref="CloseOrder"/> at the start of a script, only the orders of the events from
    /// here on are explored. What is pending already stays at its time.
    /// </summary>
    public void OpenOrder()
    {
        if (IsExploring || !mayExplore) return;
        IsExploring = true;
        eventFreedom = OrderFreedom.Fixed;
        withdrawn = Withdrawal.None;
        touched.Clear();
        // While orders are explored the heap is exact: timers that were moved or cancelled are not in their old places.
        var pending = new EventSource[Heap.Count];
        for (var i = 0; i < pending.Length; i++) pending[i] = Heap.SourceAt(i);
        foreach (var source in pending) source.MakeExact(this);
    }

    public SimNode? FindNode(string name) => nodes.Find(node => node.Name == name);

    internal ulong NewResource() => ++resources;

    private SimNode AddNode(string name, bool isShared)
    {
        if (FindNode(name) is not null) throw new ArgumentException($"there are two nodes named \"{name}\"", nameof(name));
        var node = new SimNode(this, nodes.Count, name, isShared);
        nodes.Add(node);
        return node;
    }

    /// <summary>The running event uses a node: its own for free, another's moves that node's clock up to now and is remembered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Touch(SimNode node)
    {
        if (node != current) TouchOther(node);
    }

    private void TouchOther(SimNode node)
    {
        if (node.LocalTime < eventTime) node.LocalTime = eventTime;
        if (IsExploring) touched.Add(node.Resource, isWrite: true);
    }

    internal void Touch(ulong resource, bool isWrite)
    {
        if (IsExploring) touched.Add(resource, isWrite);
    }

    /// <summary>Gives something that is being queued its place in the order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Place(ref QueueSlot slot, ChoiceKind kind, long earliest)
    {
        slot.Earliest = earliest;
        slot.Sequence = current.NextSequence();
        if (IsExploring) PlaceWindow(ref slot, kind);
        else PlaceFixed(ref slot);
    }

    /// <summary>The same for what keeps a sequence of its own.</summary>
    internal void Place(ref QueueSlot slot, ChoiceKind kind, long earliest, ulong sequence)
    {
        slot.Earliest = earliest;
        slot.Sequence = sequence;
        if (IsExploring) PlaceWindow(ref slot, kind);
        else PlaceFixed(ref slot);
    }

    // For the case that orders are explored before its turn comes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PlaceFixed(ref QueueSlot slot) => (slot.Latest, slot.Cause, slot.Freedom) = (slot.Earliest, -1, OrderFreedom.Fixed);

    private void PlaceWindow(ref QueueSlot slot, ChoiceKind kind)
    {
        slot.Cause = eventNumber;
        slot.Freedom = freedom[(int)kind];
        slot.FreedBy = kind;
        slot.Latest = Add(slot.Earliest, windows[(int)kind]);
        if (eventFreedom != OrderFreedom.Fixed) Inherit(ref slot, eventLatest, eventFreedom, eventFreedBy);
    }

    /// <summary>The next of a queue comes to its head: it was held up by the one before and keeps at least that one's room.</summary>
    internal void Succeed(in QueueSlot before, ref QueueSlot next)
    {
        if (IsExploring && before.Freedom != OrderFreedom.Fixed) Inherit(ref next, before.Latest, before.Freedom, before.FreedBy);
    }

    private static void Inherit(ref QueueSlot slot, long latest, OrderFreedom from, ChoiceKind by)
    {
        if (latest < slot.Latest) return;
        slot.Latest = latest;
        if (from <= slot.Freedom) return;
        slot.Freedom = from;
        slot.FreedBy = by;
    }

    private static long Add(long time, long span) => time > long.MaxValue - span ? long.MaxValue : time + span;

    /// <summary>The event at the head of a source starts to run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Begin(EventSource source, in QueueSlot slot)
    {
        var owner = source.Owner;
        var time = slot.Earliest;
        // A switch has no clock that its ports would share: each output queue keeps its own order.
        if (time < owner.LocalTime && !owner.IsShared) time = owner.LocalTime;
        owner.LocalTime = time;
        current = owner;
        eventTime = time;
        if (time > now) now = time;
        source.NextIndex++;
        Statistics.Events++;
        if (IsExploring)
        {
            eventNumber++;
            eventLatest = slot.Latest;
            eventFreedom = slot.Freedom;
            eventFreedBy = slot.FreedBy;
            touched.Clear();
            withdrawn = Withdrawal.None;
            if (owner == Script) touched.Add(0, isWrite: true);
            else if (!owner.IsShared) touched.Add(owner.Resource, isWrite: true);
        }
        Observer?.OnEvent(owner, source.Name, source.Kind, new(time));
    }

    /// <summary>The running event takes back something that was queued.</summary>
    internal void Withdraw(in QueueSlot slot)
    {
        if (IsExploring) withdrawn = withdrawn.With(new(slot.Earliest), new(slot.Latest));
    }

    internal void AbandonSources(SimNode node)
    {
        var found = new List<EventSource>();
        for (var i = 0; i < Heap.Count; i++)
            if (Heap.SourceAt(i).Owner == node) found.Add(Heap.SourceAt(i));
        foreach (var source in found) source.Abandon(this);
    }

    /// <summary>What is still going on: at the end of a scenario there should be nothing.</summary>
    public QuiescenceReport Quiescence()
    {
        var lanes = new List<string>();
        var inFlight = 0;
        for (var i = 0; i < Heap.Count; i++)
        {
            var source = Heap.SourceAt(i);
            if (source is FrameLane) inFlight += source.Pending;
            else if (source is SimLane) lanes.Add($"{source.Owner.Name}/{source.Name} ({source.Pending})");
        }
        lanes.Sort(StringComparer.Ordinal);
        var timers = new List<string>();
        foreach (var node in nodes)
            foreach (var timer in node.ArmedTimers) timers.Add($"{node.Name}/{timer.Name} ({timer.Deadline})");
        return new(Frames.Outstanding, inFlight, lanes, timers);
    }
}
