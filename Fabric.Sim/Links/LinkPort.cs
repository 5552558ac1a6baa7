using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Links;

/// <summary>One end of a cable. What can go wrong is set here for the direction that leaves this port.</summary>
public sealed class LinkPort : ILink
{
    private readonly int number;
    private ILane? stateLane;
    private int stateEpoch = -1;
    private StateChange? stateChange;
    private bool toldUp;

    internal LinkPort(SimLink link, SimNode node, string? name)
    {
        Link = link;
        Node = node;
        number = node.AddPort(this);
        Name = name ?? $"{node.Name}.p{number}";
    }

    public SimLink Link { get; }
    public SimNode Node { get; }
    public LinkPort Peer => this == Link.A ? Link.B : Link.A;
    public string Name { get; }
    public LinkType Type => Link.Type;
    public int Mtu => Link.Mtu;
    public bool IsUp => Link.IsUp && Node.IsAlive;
    public FramePool Frames => Node.World.Frames;
    /// <summary>An address that no other port of the world has: locally administered, made of the node's and the port's number.</summary>
    public MacAddress SuggestedMac => new(0x0200_0000_0000 | (ulong)(Node.Index & 0xFFFF) << 8 | (uint)(number & 0xFF));

    /// <summary>Rates of what goes wrong with frames that leave here. May be changed at any time.</summary>
    public LinkImpairments Impairments
    {
        get => Direction.Impairments;
        set
        {
            TouchState();
            Direction.Impairments = value;
        }
    }

    /// <summary>While set, frames that leave here vanish, and the link looks up to both sides.</summary>
    public bool IsCut
    {
        get => Direction.IsCut;
        set
        {
            TouchState();
            Direction.IsCut = value;
        }
    }

    /// <summary>On InfiniBand: the port as subnet management sees it, which counts its packets; none: nobody manages it.</summary>
    public SubnetPort? Management { get; set; }
    public bool HasRoom => Direction.Lanes?.HasRoom ?? true;

    /// <summary>InfiniBand: the largest path MTU that the cable carries.</summary>
    public PathMtu PathMtu => PathMtuExtensions.FromInfiniBand(Mtu);

    internal LinkDirection Direction { get; set; } = null!;
    internal ILinkReceiver? Receiver { get; private set; }

    public void Attach(ILinkReceiver receiver)
    {
        if (Receiver is not null) throw new InvalidOperationException($"something is attached to {Name} already");
        Receiver = receiver;
        toldUp = IsUp;
    }

    public void Send(Frame frame) => Direction.Send(frame, 0);

    /// <summary>Plans a fault for frames that leave here. A fault is for one port.</summary>
    public FrameFault Plan(FrameFault fault)
    {
        TouchState();
        fault.BelongsTo(this);
        Direction.Plan(fault);
        return fault;
    }

    private void TouchState()
    {
        Node.World.Touch(Node);
        Direction.TouchState();
    }

    internal void Detach() => Receiver = null;

    internal void StateChanged()
    {
        if (!Node.IsAlive) return;
        if (stateEpoch != Node.Epoch)
        {
            stateEpoch = Node.Epoch;
            stateLane = Node.CreateLane($"{Name} state", ChoiceKind.Fault);
            stateChange = new(this);
        }
        if (!stateChange!.IsPosted) stateLane!.Post(stateChange);
    }

    private sealed class StateChange(LinkPort port) : WorkItem
    {
        public override void Run()
        {
            if (port.toldUp == port.IsUp) return;
            port.toldUp = port.IsUp;
            port.Receiver?.OnLinkState(port.toldUp);
        }
    }

    public override string ToString() => Name;
}
