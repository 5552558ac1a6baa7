using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>
/// A learning Ethernet switch: store and forward, one output queue for each port (the link's), unknown and group addresses flooded.
/// IEEE 802.1D §7. Frames for different output ports commute; what is shared is the address table.
/// </summary>
public sealed class EthernetSwitch
{
    private readonly SwitchOptions options;
    private readonly Dictionary<ulong, Entry> table = [];
    private readonly List<Port> ports = [];
    private readonly ulong tableResource;
    private int version; // of the table: with every change what ports remember of it is void

    private readonly record struct Entry(Port Port, int Epoch);

    internal EthernetSwitch(SimNode node, SwitchOptions options)
    {
        Node = node;
        this.options = options;
        tableResource = node.World.NewResource();
    }

    public SimNode Node { get; }
    public string Name => Node.Name;
    public int LearntAddresses => table.Count;
    /// <summary>Frames sent to all ports for want of an entry.</summary>
    public long Flooded { get; private set; }

    internal void Plug(LinkPort port)
    {
        var added = new Port(this, port);
        ports.Add(added);
        port.Attach(added);
        Node.OnRestarted ??= Reattach;
    }

    // A switch that lost its power has forgotten all addresses.
    private void Reattach()
    {
        table.Clear();
        version++;
        foreach (var port in ports) port.Link.Attach(port);
    }

    private void Forward(Port from, Frame frame)
    {
        var world = Node.World;
        if (frame.Length < 14)
        {
            from.Link.Peer.Direction.Drop(frame, DropReason.NotForwarded);
            return;
        }
        var span = frame.Span;
        var destination = MacAddress.Read(span);
        Learn(from, MacAddress.Read(span[6..]));
        var delay = options.ForwardingDelay.Nanoseconds;
        if (Find(from, destination) is { } to)
        {
            if (to == from) from.Link.Peer.Direction.Drop(frame, DropReason.NotForwarded);
            else to.Link.Direction.Send(frame, delay);
            return;
        }
        if (!destination.IsMulticast) Flooded++;
        foreach (var port in ports)
        {
            if (port == from || !port.Link.IsUp) continue;
            frame.AddReference();
            port.Link.Direction.Send(frame, delay);
        }
        frame.Release();
    }

    /// <summary>
    /// Where an address was learnt, or null. A port remembers the last answer: most frames go where the one before went. Comes behind
    /// <see cref="Learn"/>, which brings what the port remembers up to date.
    /// </summary>
    private Port? Find(Port from, MacAddress destination)
    {
        if (from.LastDestination == destination) return from.LastPort;
        var port = !destination.IsMulticast && table.TryGetValue(destination.Value, out var entry) && entry.Epoch == entry.Port.Epoch ? entry.Port : null;
        (from.LastDestination, from.LastPort) = (destination, port);
        return port;
    }

    private void Learn(Port from, MacAddress source)
    {
        if (from.Version == version && from.LastSource == source)
        {
            Node.World.Touch(tableResource, isWrite: false);
            return;
        }
        var known = table.TryGetValue(source.Value, out var entry);
        var isNew = !source.IsMulticast && (!known || entry.Port != from || entry.Epoch != from.Epoch) && (known || table.Count < options.TableSize);
        Node.World.Touch(tableResource, isWrite: isNew);
        if (isNew)
        {
            table[source.Value] = new(from, from.Epoch);
            version++;
        }
        if (from.Version != version) (from.Version, from.LastDestination, from.LastPort) = (version, Port.NoAddress, null);
        from.LastSource = source;
    }

    private sealed class Port(EthernetSwitch owner, LinkPort link) : ILinkReceiver
    {
        public readonly LinkPort Link = link;
        /// <summary>Counts losses of carrier: what was learnt before is void.</summary>
        public int Epoch;
        /// <summary>More bits than an address has.</summary>
        public static readonly MacAddress NoAddress = new(ulong.MaxValue);
        /// <summary>What it saw of the table last, at this version of it: a source that brings nothing new, and where a destination is.</summary>
        public int Version = -1;
        public MacAddress LastSource = NoAddress, LastDestination = NoAddress;
        public Port? LastPort;

        public void OnFrame(Frame frame) => owner.Forward(this, frame);

        public void OnLinkState(bool isUp)
        {
            owner.Node.World.Touch(owner.tableResource, isWrite: true);
            if (isUp) return;
            Epoch++;
            owner.version++;
        }
    }
}
