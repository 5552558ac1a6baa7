using Weft.Fabric.Execution;
using Weft.Fabric.Sim.Management.Administration;
using Weft.Fabric.Sim.Management.Routing;
using Weft.Fabric.Sim.Management.Sweeps;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management;

/// <summary>
/// A subnet manager with its subnet administration, as a core: MADs, traps and timers in, MADs out. Sweeps, finds other managers and leaves
/// the subnet to the one of highest priority, stands by for the master to die, answers queries. IBA Vol 1 chapters 14 and 15.
/// </summary>
public sealed partial class SubnetManager : IManagementClient, ISweepListener
{
    private readonly IExecutor executor;
    private readonly IManagementPort port;
    private readonly ManagerOptions options;
    private readonly Sweep sweep;
    private readonly SmpExchange talks;
    private readonly Execution.Timer timer;
    private bool needsSweep;

    public SubnetManager(IExecutor executor, IManagementPort port, ManagerOptions? options = null)
    {
        (this.executor, this.port, this.options) = (executor, port, options ?? new());
        sweep = new(port, executor, this.options, this);
        talks = new(port, executor, this.options with { MaxOutstanding = 8 }, this, tag: 0x8000_0000);
        timer = executor.CreateTimer("subnet manager", OnTimer);
        Administration = new(executor, port, this.options, this);
        port.Client = this;
    }

    /// <summary>How links tell service levels apart; null: as the devices have it by themselves.</summary>
    internal QosPolicy? Qos => options.Qos;

    public SmState State { get; private set; }
    /// <summary>Whether this manager is master and has configured the subnet since.</summary>
    public bool IsUp { get; private set; }
    /// <summary>What the last sweep that configured the subnet did; null before.</summary>
    public SweepReport? LastSweep { get; private set; }
    /// <summary>Sweeps that configured the subnet.</summary>
    public int Sweeps { get; private set; }
    /// <summary>Tables that the subnet forwards by; null before the first sweep.</summary>
    public RoutingTables? Routes => sweep.Published.Tables;
    /// <summary>Told after every change of <see cref="State"/> and after every sweep.</summary>
    public Action<SubnetManager>? Changed { get; set; }
    public SubnetAdministration Administration { get; }

    internal SubnetInventory Published => sweep.Published;
    internal bool IsMaster => State == SmState.Master;

    /// <summary>Begins: announces itself and looks who is there.</summary>
    public void Start()
    {
        port.SetIsManager(true);
        Discover();
    }

    /// <summary>Ends without a farewell, as a process that is stopped: standbys find out by polling.</summary>
    public void Stop()
    {
        Leave();
        Enter(SmState.NotActive);
        port.SetIsManager(false);
    }

    /// <summary>Sweeps as soon as what runs now has ended.</summary>
    public void RequestSweep()
    {
        if (State != SmState.Master) return;
        if (sweep.Phase == SweepPhase.Idle) sweep.Begin();
        else needsSweep = true;
    }

    public void OnMad(Lid source, Qpn sourceQueue, Span<byte> mad)
    {
        switch ((MadClass)mad[1])
        {
            case MadClass.SubnetDirectedRoute or MadClass.SubnetLidRouted:
                OnSmp(source, new(mad), mad);
                break;
            case MadClass.SubnetAdministration:
                Administration.OnMad(source, sourceQueue, mad);
                break;
        }
    }

    /// <summary>Multicast membership has changed: the tables follow at once, or with the sweep that runs.</summary>
    internal void OnGroupsChanged() => sweep.UpdateGroups();

    private void OnSmp(Lid source, SmpMad mad, Span<byte> bytes)
    {
        if (mad.IsResponse)
        {
            if (!talks.OnResponse(mad)) sweep.OnResponse(mad);
        }
        else if (mad.Method == MadMethod.Trap) OnTrap(source, mad, bytes);
        else if (mad.Attribute == SmpAttribute.SmInfo && mad.Method is MadMethod.Get or MadMethod.Set) OnSmInfo(source, mad, bytes);
    }

    private void OnTimer()
    {
        switch (State)
        {
            case SmState.Master:
                if (sweep.Phase == SweepPhase.Idle) sweep.Look();
                Rearm();
                break;
            case SmState.Standby:
                Poll();
                break;
        }
    }

    private void Rearm() => timer.Arm(executor.Now + (State == SmState.Master ? options.SweepInterval : options.PollInterval));

    private void Discover()
    {
        Enter(SmState.Discovering);
        sweep.Begin();
    }

    void ISweepListener.OnLooked(bool hasChanged)
    {
        if (hasChanged || needsSweep) BeginSweep();
    }

    void ISweepListener.OnConfigured(SweepReport report)
    {
        Sweeps++;
        (LastSweep, IsUp) = (report, true);
        Administration.OnSwept();
        Rearm();
        Changed?.Invoke(this);
        if (needsSweep) BeginSweep();
        else needsSweep = report.Unanswered > 0; // a port that did not hear its orders is not up: the next look is a whole sweep
    }

    IEnumerable<(Lid MulticastLid, IReadOnlyList<EndPort> Members)> ISweepListener.GroupsOf(SubnetInventory inventory) => Administration.GroupsOf(inventory);

    private void BeginSweep()
    {
        needsSweep = false;
        sweep.Begin();
    }

    private void Leave()
    {
        sweep.Stop();
        talks.Clear();
        timer.Cancel();
        (IsUp, needsSweep) = (false, false);
        Administration.Clear();
    }

    private void Enter(SmState state)
    {
        if (State == state) return;
        State = state;
        Changed?.Invoke(this);
    }
}
