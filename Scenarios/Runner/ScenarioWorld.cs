using Weft.Fabric.Engine;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Initiator;
using Weft.Initiator.Srp;

namespace Weft.Scenarios.Runner;

/// <summary>
/// What a scenario's steps work with: hosts on one network, claims, waits, and the clean-up that every run ends with.
/// </summary>
public sealed class ScenarioWorld
{
    private const uint FirstAddress = 0x0A00_0001; // 10.0.0.1
    /// <summary>A session whose connection is lost fails commands at once until it is back; who insists gives it the time.</summary>
    private static readonly Duration BetweenAttempts = Duration.FromSeconds(10);
    private readonly List<ScenarioHost> hosts = [];
    private readonly List<Func<ValueTask>> farewells = [];
    private readonly IStage stage;
    private bool hasRebooted;

    internal ScenarioWorld(IStage stage, Settings settings, ScenarioParts parts, List<string> courses) =>
        (this.stage, Settings, Parts, Courses, Network) = (stage, settings, parts, courses, new(stage));

    /// <summary>The simulated world. Steps that use it run nowhere else.</summary>
    /// <exception cref="NeedsSimulationException">The run is on real links.</exception>
    public World World => Simulation.World;
    public Settings Settings { get; }
    internal ScenarioParts Parts { get; }
    public IReadOnlyList<ScenarioHost> Hosts => hosts;
    /// <summary>The switch that all hosts are plugged into, with RoCE.</summary>
    /// <exception cref="NeedsSimulationException">The run is on real links.</exception>
    public EthernetSwitch Switch => Simulation.Switch;
    /// <summary>What all hosts are plugged into, on InfiniBand.</summary>
    /// <exception cref="NeedsSimulationException">The run is on real links.</exception>
    public ScenarioSubnet Subnet => Simulation.Subnet;
    /// <summary>Puts all hosts on an InfiniBand subnet of this shape. Before the first host.</summary>
    public ScenarioSubnet UseSubnet(SubnetShape shape)
    {
        var subnet = Simulation.Build(shape);
        AtEnd(() =>
        {
            subnet.Manager?.Stop();
            return default;
        });
        return subnet;
    }

    /// <summary>The same with a manager, and waits for it to be up; nothing on RoCE. For links that come back: somebody must make their ports active.</summary>
    public async Task UseManagedSubnetAsync(int leaves = 1, int spines = 0)
    {
        if (Settings.Get(CommonSettings.Fabric) != CommonSettings.InfiniBand) return;
        var subnet = UseSubnet(new(leaves, spines, Manager: new(), SwitchPorts: SubnetShape.FewPorts));
        await ClaimWithin(Duration.FromSeconds(30), () => subnet.Manager!.IsUp, "sweep", "IBA 14.4", "the manager brings the subnet up");
    }

    /// <summary>What chance did to the frames, and which claims give way to that.</summary>
    public NetworkConduct Network { get; }
    /// <summary>Virtual time, or the machine's.</summary>
    public Instant Now => stage.Now;
    /// <summary>Answers for the steps.</summary>
    public IChooser Chooser => stage.Chooser;

    /// <summary>
    /// A host with one port. RoCE: addresses are 10.0.0.1, 10.0.0.2, … in the order of creation; InfiniBand: the address is the port's GID.
    /// </summary>
    public ScenarioHost AddHost(string name, SimHostOptions? options = null)
    {
        if (Settings.Get(CommonSettings.Fabric) == CommonSettings.InfiniBand && stage is not SimStage) throw new NeedsSimulationException("InfiniBand links");
        var host = stage.AddHost(name, Gid.FromIPv4(FirstAddress + (uint)hosts.Count), options ?? new(), Settings, Parts);
        hosts.Add(host);
        return host;
    }

    /// <summary>
    /// A host loses its power and has it again at once: what ran on it is gone without a farewell, and its new device knows of nothing
    /// that was before. Its cable stays. Not to be called from the host's own events.
    /// </summary>
    public void Reboot(ScenarioHost host)
    {
        hasRebooted = true;
        host.Node.Kill(linksDown: false);
        host.Node.Restart();
        SimStage.Start(host, Parts);
    }

    /// <summary>A host with an iSER target, which is stopped at the end.</summary>
    public TargetNode AddTarget(string name = "target", TargetNodeOptions? options = null)
    {
        var node = new TargetNode(AddHost(name, options?.Host), Parts, options ?? new());
        AtEnd(() => node.StopAsync(this));
        return node;
    }

    /// <summary>A host with an initiator, whose sessions are logged out at the end.</summary>
    public InitiatorHost AddInitiator(string name = "initiator") => AddInitiator(AddHost(name));

    /// <summary>An initiator on a host.</summary>
    /// <param name="isClosedAtEnd">False where the host does not live that long.</param>
    public InitiatorHost AddInitiator(ScenarioHost host, bool isClosedAtEnd = true)
    {
        var initiator = Parts.CreateInitiator(host.Device, $"iqn.2026-11.example.weft:{host.Name}");
        if (isClosedAtEnd) AtEnd(initiator.CloseAsync);
        return initiator;
    }

    /// <summary>Lets time pass.</summary>
    public ValueTask Delay(Duration duration) => stage.Delay(duration);

    /// <summary>Waits until a condition holds; see <see cref="World.Until(Func{bool}, string)"/>.</summary>
    public ValueTask Until(Func<bool> condition, string what) => stage.Until(condition, what);

    /// <exception cref="TimeoutException">It did not hold within so much time.</exception>
    public ValueTask Until(Func<bool> condition, string what, Duration within) => stage.Until(condition, what, within);

    /// <summary>Something for the steps to wait for.</summary>
    public Signal NewSignal(string what) => stage.NewSignal(what);

    /// <summary>Makes the failure of a task that nobody awaits the failure of the run.</summary>
    public void Watch(Task task) => stage.Watch(task);

    /// <summary>The run ends and reports this.</summary>
    public void Fail(string rule, string why) => stage.Fail(rule, why);

    /// <summary>The order of events is of interest from here on, or no more.</summary>
    public void OpenOrder() => stage.OpenOrder();
    public void CloseOrder() => stage.CloseOrder();

    /// <summary>Calls back when a frame that matches is about to arrive at a host.</summary>
    public void OnArrival(ScenarioHost host, FrameMatch match, Action action) => Watch(new ArrivalWatch(host.Port, match, action));

    /// <summary>Calls back when an event of a host is about to run.</summary>
    /// <param name="source">Name of the lane or timer, e.g. <c>target send flush</c>.</param>
    public void OnEvent(ScenarioHost host, string source, Action action) => Watch(new EventWatch(host.Node, source, action));

    private SimStage Simulation => stage as SimStage ?? throw new NeedsSimulationException("virtual time or a chosen order");

    private void Watch(IWorldObserver observer)
    {
        var chain = World.Observer as ObserverChain ?? new ObserverChain();
        if (World.Observer != chain && World.Observer is { } other) chain.Add(other);
        chain.Add(observer);
        World.Observer = chain;
    }

    private sealed class EventWatch(SimNode node, string source, Action action) : IWorldObserver
    {
        public void OnEvent(SimNode of, string name, ChoiceKind kind, Instant at)
        {
            if (of == node && name == source) action();
        }
    }

    private sealed class ArrivalWatch(LinkPort port, FrameMatch match, Action action) : IWorldObserver
    {
        public void OnFrameDelivered(LinkPort to, Frame frame, Instant at)
        {
            if (to == port && match(frame.Span)) action();
        }
    }

    /// <summary>States what must hold here. Where it does not, the run ends and reports it.</summary>
    /// <param name="rule">Short stable name of the claim.</param>
    /// <param name="spec">The section or source that promises it.</param>
    /// <param name="claim">What should hold, and what was seen, as a sentence.</param>
    public void Claim(bool holds, string rule, string spec, string claim)
    {
        if (!holds) throw new ClaimException(rule, $"{claim} [{spec}]");
    }

    /// <summary>States what must come to hold within so much virtual time; where the network meddled meanwhile, in time it may take to mend that.</summary>
    public async ValueTask ClaimWithin(Duration limit, Func<bool> holds, string rule, string spec, string claim)
    {
        try
        {
            await Until(holds, claim, limit);
        }
        catch (TimeoutException) when (Network.HasMeddled && limit < NetworkConduct.Patience)
        {
            await ClaimWithin(NetworkConduct.Patience, holds, rule, spec, claim);
        }
        catch (TimeoutException)
        {
            Claim(false, rule, spec, $"{claim}, and it did not within {limit}");
        }
    }

    /// <summary>A login that must work.</summary>
    public async ValueTask<InitiatorSession> ClaimLogin(ValueTask<InitiatorSession> login, string rule, string spec)
    {
        try
        {
            return await login;
        }
        catch (LoginException failed)
        {
            throw new ClaimException(rule, $"the login works, but: {failed.Message} [{spec}]");
        }
    }

    /// <summary>An SRP login that must work. Nobody tries it again but whoever asked for it, who does so where the network lost frames.</summary>
    /// <param name="afterRefusals">A request was refused before: a copy of it that the network made may end the login, see <see cref="NetworkConduct.MayRefuseLate"/>.</param>
    internal async ValueTask<SrpSession> ClaimLogin(Func<ValueTask<SrpSession>> login, string rule, string spec, bool afterRefusals = false)
    {
        SrpSession? session = null;
        await Insist<LoginException>(async () => session = await login(), rule, spec, "the login works", afterRefusals);
        return session!;
    }

    /// <summary>
    /// A command that must work. The initiator tries it again by itself, so often and no more (RetryRules); where each try met another end of
    /// its connection, whoever asked for it does so once more.
    /// </summary>
    internal ValueTask ClaimDone(Func<ValueTask> command, string rule, string spec, bool afterRefusals = false) =>
        Insist<InitiatorException>(command, rule, spec, "the command works", afterRefusals);

    private async ValueTask Insist<TFailure>(Func<ValueTask> work, string rule, string spec, string claim, bool afterRefusals) where TFailure : InitiatorException
    {
        for (var attempts = 1; ; attempts++)
        {
            try
            {
                await work();
                return;
            }
            catch (TFailure failed)
            {
                Claim((Network.MayCutConnections || afterRefusals && Network.MayRefuseLate) && attempts < NetworkConduct.MostAttempts, rule, spec, $"{claim}, but: {failed.Message}");
                await Delay(BetweenAttempts);
            }
        }
    }

    /// <summary>Which of the possible courses this run took: an exploration counts them, and so shows that it saw each.</summary>
    public void Saw(string course) => Courses.Add(course);

    internal List<string> Courses { get; }

    /// <summary>Something to end when the steps are over, in reverse order, before the world is checked for left-overs.</summary>
    public void AtEnd(Func<ValueTask> farewell) => farewells.Add(farewell);

    internal async Task FinishAsync()
    {
        for (var i = farewells.Count - 1; i >= 0; i--) await farewells[i]();
        await stage.Rest(hosts);
        // What a host still meant to send again when it lost its power is in nobody's hands any more.
        var left = stage.Restless(exceptHeldFrames: hasRebooted && Network.HasLost);
        Claim(left.Length == 0, "quiescence", "design: checks", $"everything comes to rest at the end, but there is left: {left}");
        foreach (var host in hosts)
        {
            var resources = host.Device.Resources;
            Claim(resources == default, "leak", "IBA 11.2", $"{host.Name} gave back everything it made, but has left: {resources}");
        }
    }
}
