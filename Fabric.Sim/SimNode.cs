using Weft.Fabric.Sim.Links;

namespace Weft.Fabric.Sim;

/// <summary>
/// One node of a world: a host, a switch, or the script. It has a time of its own, which is the time of its last event: within the
/// interval that the order options leave open, nodes may be at different moments, and none ever sees its clock go back.
/// </summary>
public sealed class SimNode : IExecutor
{
    /// <summary>Sequences: a rank above, a count below. Nodes rank before links.</summary>
    internal const int SequenceBits = 40;
    internal const ulong FirstLinkRank = 1 << 22;

    private readonly List<LinkPort> ports = [];
    private List<SimLane>? released;
    private SimTimer? firstArmed, lastArmed;
    private ulong sequence;
    private uint sources;

    internal SimNode(World world, int index, string name, bool isShared)
    {
        World = world;
        Index = index;
        Name = name;
        IsShared = isShared;
        sequence = (ulong)index << SequenceBits;
        Resource = world.NewResource();
    }

    public World World { get; }
    public string Name { get; }
    /// <summary>Position in <see cref="World.Nodes"/>; also the rank among equals when several nodes act at the same moment.</summary>
    public int Index { get; }
    public IReadOnlyList<LinkPort> Ports => ports;
    public bool IsAlive { get; private set; } = true;
    /// <summary>Counts restarts. What an earlier life created is dead: its lanes and timers do nothing.</summary>
    public int Epoch { get; private set; }
    /// <summary>Called when the node is killed, after its queues and timers are gone. For bookkeeping, not for a farewell to peers.</summary>
    public Action? OnKilled { get; set; }
    /// <summary>Called by <see cref="Restart"/> to build the node's software again.</summary>
    public Action? OnRestarted { get; set; }

    public Instant Now
    {
        get
        {
            World.Touch(this);
            return new(LocalTime);
        }
    }

    public IChooser Chooser => World.Chooser;

    public IEnumerable<Execution.Timer> ArmedTimers
    {
        get
        {
            for (var timer = firstArmed; timer is not null; timer = timer.NextArmed) yield return timer;
        }
    }

    /// <summary>Whether its events name by themselves what they touch (a switch), instead of the node as a whole.</summary>
    internal bool IsShared { get; }
    /// <summary>Whether it only passes frames on.</summary>
    public bool IsSwitch => IsShared;
    /// <summary>What its events touch, for the reduction.</summary>
    internal ulong Resource { get; }
    internal long LocalTime;

    internal ulong NextSequence() => ++sequence;

    public ILane CreateLane(string name, ChoiceKind kind)
    {
        World.Touch(this);
        if (released is { Count: > 0 })
        {
            var reused = released[^1];
            released.RemoveAt(released.Count - 1);
            reused.Rename(name, kind);
            return reused;
        }
        return new SimLane(this, NewSourceId(), kind, name);
    }

    public void ReleaseLane(ILane lane)
    {
        var own = (SimLane)lane;
        if (own.IsDead) return;
        if (own.Owner != this) throw new ArgumentException($"lane \"{lane.Name}\" belongs to {own.Owner.Name}, not to {Name}");
        if (own.Pending != 0) throw new InvalidOperationException($"lane \"{Name}/{lane.Name}\" is released with {own.Pending} items in it");
        (released ??= []).Add(own);
    }

    public Execution.Timer CreateTimer(string name, Action onFired)
    {
        World.Touch(this);
        return new SimTimer(this, NewSourceId(), name, onFired);
    }

    /// <summary>
    /// The node stops at once: what it had queued is dropped, its timers are off, frames for it are lost, and, unless told otherwise,
    /// its links go down, as when the power fails.
    /// </summary>
    public void Kill(bool linksDown = true)
    {
        if (!IsAlive) return;
        World.Touch(this);
        IsAlive = false;
        Epoch++;
        released?.Clear();
        World.AbandonSources(this);
        while (firstArmed is { } timer) timer.Abandon(World);
        if (linksDown)
            foreach (var port in ports) port.Link.SetUp(false);
        OnKilled?.Invoke();
    }

    /// <summary>Starts a killed node again: links up, then <see cref="OnRestarted"/>, which attaches new software to the ports.</summary>
    public void Restart()
    {
        if (IsAlive) throw new InvalidOperationException($"{Name} is restarted while it runs");
        World.Touch(this);
        IsAlive = true;
        foreach (var port in ports)
        {
            port.Detach();
            if (port.Peer.Node.IsAlive) port.Link.SetUp(true);
        }
        OnRestarted?.Invoke();
    }

    internal ulong NewSourceId() => (ulong)Index << 32 | sources++;
    internal int AddPort(LinkPort port)
    {
        ports.Add(port);
        return ports.Count;
    }

    internal void Armed(SimTimer timer)
    {
        timer.NextArmed = null;
        timer.PreviousArmed = lastArmed;
        if (lastArmed is null) firstArmed = timer;
        else lastArmed.NextArmed = timer;
        lastArmed = timer;
    }

    internal void Disarmed(SimTimer timer)
    {
        if (timer.PreviousArmed is null) firstArmed = timer.NextArmed;
        else timer.PreviousArmed.NextArmed = timer.NextArmed;
        if (timer.NextArmed is null) lastArmed = timer.PreviousArmed;
        else timer.NextArmed.PreviousArmed = timer.PreviousArmed;
        timer.NextArmed = timer.PreviousArmed = null;
    }

    public override string ToString() => Name;
}
