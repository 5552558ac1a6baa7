using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Links;

/// <summary>A cable between two ports.</summary>
public sealed class SimLink
{
    internal SimLink(World world, SimNode a, SimNode b, LinkOptions options)
    {
        World = world;
        Options = options;
        A = new(this, a, options.PortA);
        B = new(this, b, options.PortB);
        Name = $"{A.Name}-{B.Name}";
        // Sources of links are numbered apart from those of nodes; each direction has room for its flows.
        var number = (ulong)world.Links.Count * 2;
        A.Direction = new(this, A, B, options, 1UL << 63 | number << 32);
        B.Direction = new(this, B, A, options, 1UL << 63 | (number + 1) << 32);
    }

    public World World { get; }
    public LinkOptions Options { get; }
    public string Name { get; }
    public LinkPort A { get; }
    public LinkPort B { get; }
    public LinkType Type => Options.Type;
    public int Mtu => Options.Mtu;
    public bool IsUp { get; private set; } = true;

    /// <summary>Plugs or pulls the cable. Pulling it loses what is in flight; both ends are told.</summary>
    public void SetUp(bool up)
    {
        if (up == IsUp) return;
        World.Touch(A.Node);
        World.Touch(B.Node);
        A.Direction.TouchState();
        B.Direction.TouchState();
        IsUp = up;
        World.Observer?.OnLinkState(this, up, World.EventTime);
        if (!up)
        {
            A.Direction.Flush(DropReason.LinkDown);
            B.Direction.Flush(DropReason.LinkDown);
        }
        A.StateChanged();
        B.StateChanged();
    }

    /// <summary>Sets the rates of both directions.</summary>
    public void Impair(LinkImpairments impairments)
    {
        A.Impairments = impairments;
        B.Impairments = impairments;
    }

    /// <summary>The end at a node.</summary>
    public LinkPort PortOf(SimNode node) =>
        node == A.Node ? A : node == B.Node ? B : throw new ArgumentException($"{Name} does not end at {node.Name}", nameof(node));

    public override string ToString() => Name;
}
