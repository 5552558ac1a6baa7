using Weft.Fabric.Execution;
using Weft.Fabric.Sim.Management.Routing;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>
/// Sweeps a subnet by MADs over directed routes: finds everything, then gives it keys, LIDs, forwarding tables and active links, phase by
/// phase. IBA Vol 1 §14.4. What was written before is not written again.
/// </summary>
internal sealed partial class Sweep : ISmpOwner
{
    private readonly IExecutor executor;
    private readonly ManagerOptions options;
    private readonly ISweepListener listener;
    private readonly SmpExchange exchange;
    private readonly LidAssignment lids;
    private SubnetInventory inventory = new();
    private SubnetInventory? previous;
    private Instant started;
    private long sentBefore, ordersBefore, lostBefore;
    private int refused, withoutLid;
    private bool hasChanged, isConfigured, isForgetful;
    private string routing = "";

    public Sweep(IManagementPort port, IExecutor executor, ManagerOptions options, ISweepListener listener)
    {
        (this.executor, this.options, this.listener) = (executor, options, listener);
        exchange = new(port, executor, options, this);
        lids = new(options.Lmc, options.ReassignsLids);
    }

    public SweepPhase Phase { get; private set; }
    /// <summary>What this sweep has found so far, or the last one has.</summary>
    public SubnetInventory Inventory => inventory;
    /// <summary>What the last sweep that configured the subnet has left: what queries are answered from, also while the next one runs.</summary>
    public SubnetInventory Published { get; private set; } = new();

    /// <summary>Finds everything anew.</summary>
    public void Begin()
    {
        exchange.Clear();
        previous = isConfigured && !isForgetful ? inventory : null;
        isForgetful = false;
        (inventory, isConfigured, refused, withoutLid) = (new(), false, 0, 0);
        (started, sentBefore, ordersBefore, lostBefore) = (executor.Now, exchange.Sent, exchange.Orders, exchange.Lost);
        Phase = SweepPhase.Discover;
        exchange.Add(new(SmpAttribute.NodeInfo, false, -1, 0));
        exchange.Flush();
    }

    /// <summary>Asks the switches for changes. Without switches there is nobody to ask, and everything counts as changed.</summary>
    public void Look()
    {
        (Phase, hasChanged) = (SweepPhase.Look, inventory.Switches.Count == 0);
        foreach (var node in inventory.Switches) exchange.Add(new(SmpAttribute.SwitchInfo, false, node.Index, 0));
        exchange.Flush();
    }

    /// <summary>Writes the multicast tables anew where groups have changed. Only between sweeps: a sweep does so by itself.</summary>
    public void UpdateGroups()
    {
        if (Phase != SweepPhase.Idle || !isConfigured) return;
        Phase = SweepPhase.Groups;
        PlanGroups();
        exchange.Flush();
    }

    /// <summary>Somebody else has written meanwhile: the next sweep writes everything again.</summary>
    public void Forget() => isForgetful = true;

    /// <summary>Gives up, and forgets what was written: somebody else may write from now on.</summary>
    public void Stop()
    {
        exchange.Clear();
        (Phase, isConfigured, previous) = (SweepPhase.Idle, false, null);
    }

    public bool OnResponse(SmpMad mad) => exchange.OnResponse(mad);

    public void OnDrained()
    {
        switch (Phase)
        {
            case SweepPhase.Look:
                Phase = SweepPhase.Idle;
                listener.OnLooked(hasChanged);
                break;
            case SweepPhase.Discover:
                Phase = SweepPhase.Managers;
                AskManagers();
                break;
            case SweepPhase.Managers when inventory.Nodes.Count == 0 || !listener.OnDiscovered(inventory):
                Phase = SweepPhase.Idle;
                break;
            case SweepPhase.Managers:
                Phase = SweepPhase.ReadKeys;
                AskKeys();
                break;
            case SweepPhase.ReadKeys:
                Phase = SweepPhase.WriteKeys;
                KeyTables.Plan(inventory, options.Partitions);
                OrderKeys();
                break;
            case SweepPhase.WriteKeys:
                Phase = SweepPhase.Addresses;
                withoutLid = lids.Assign(inventory);
                inventory.Index();
                OrderAddresses();
                break;
            case SweepPhase.Addresses:
                Phase = SweepPhase.Tables;
                Route();
                break;
            case SweepPhase.Tables:
                isConfigured = true;
                Phase = SweepPhase.Lanes;
                PlanGroups();
                OrderLanes();
                break;
            case SweepPhase.Lanes:
                Phase = SweepPhase.Arm;
                OrderLinks();
                break;
            case SweepPhase.Arm:
                Phase = SweepPhase.Activate;
                OrderActive();
                break;
            case SweepPhase.Activate:
                Phase = SweepPhase.Idle;
                Published = inventory;
                listener.OnConfigured(Report());
                break;
            case SweepPhase.Groups:
                Phase = SweepPhase.Idle;
                break;
            default:
                return;
        }
        // A phase without requests ends at once; the exchange calls again only when it has carried something.
        if (Phase != SweepPhase.Idle && exchange.IsIdle) OnDrained();
    }

    private void Route()
    {
        var graph = inventory.BuildGraph();
        RoutingEngine engine = options.UsesUpDown ? new UpDownRouting() : new MinHopRouting();
        (inventory.Tables, routing) = (engine.Route(graph), engine.Name);
        OrderTables();
    }

    private SweepReport Report()
    {
        var (adapters, ports, links) = (0, 0, 0);
        foreach (var node in inventory.Nodes)
        {
            if (!node.IsSwitch) adapters++;
            foreach (var port in node.Ports)
            {
                if (port is null) continue;
                if (port.Lid != Lid.None) ports++;
                if (port.IsLinkUp && port.Peer is { } peer && (peer.Node.Index, peer.Number).CompareTo((node.Index, port.Number)) > 0) links++;
            }
        }
        return new(inventory.Switches.Count, adapters, ports, links, exchange.Sent - sentBefore, exchange.Orders - ordersBefore, exchange.Lost - lostBefore, refused, withoutLid, routing, executor.Now - started);
    }
}
