using Weft.Fabric.Engine;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Initiator;

namespace Weft.Scenarios.Runner;

/// <summary>
/// What a scenario's steps work with: hosts on one Ethernet switch, claims, waits, and the clean-up that every run ends with.
/// </summary>
public sealed class ScenarioWorld
{
    private const uint FirstAddress = 0x0A00_0001; // 10.0.0.1
    private readonly List<SimHost> hosts = [];
    private readonly List<Func<ValueTask>> farewells = [];
    private EthernetSwitch? ethernet;
    private bool hasRebooted;

    internal ScenarioWorld(World world, Settings settings, ScenarioParts parts, List<string> courses) =>
        (World, Settings, Parts, Courses, Network) = (world, settings, parts, courses, new(world));

    public World World { get; }
    public Settings Settings { get; }
    internal ScenarioParts Parts { get; }
    public IReadOnlyList<SimHost> Hosts => hosts;
    /// <summary>The switch that all hosts are plugged into.</summary>
    public EthernetSwitch Switch => ethernet ??= World.AddSwitch("s1");
    /// <summary>What chance did to the frames, and which claims give way to that.</summary>
    public NetworkConduct Network { get; }
    public Instant Now => World.Now;

    /// <summary>A host with one RoCE port on the switch; addresses are 10.0.0.1, 10.0.0.2, … in the order of creation.</summary>
    public SimHost AddHost(string name, SimHostOptions? options = null)
    {
        var node = World.AddHost(name);
        var link = World.Connect(node, Switch, LinkOptions());
        var host = new SimHost(node, link, Gid.FromIPv4(FirstAddress + (uint)hosts.Count), options ?? new());
        host.Device = CreateDevice(host);
        hosts.Add(host);
        return host;
    }

    /// <summary>
    /// A host loses its power and has it again at once: what ran on it is gone without a farewell, and its new device knows of nothing
    /// that was before. Its cable stays. Not to be called from the host's own events.
    /// </summary>
    public void Reboot(SimHost host)
    {
        hasRebooted = true;
        host.Node.Kill(linksDown: false);
        host.Node.Restart();
        host.Device = CreateDevice(host);
    }

    private IRdmaDevice CreateDevice(SimHost host)
    {
        IExecutor executor = host.Options.QpNumbers > 0 ? new FewQpNumbers(host.Node, host.Name, host.Options.QpNumbers) : host.Node;
        var device = Parts.CreateDevice(
            executor, new RoceDeviceOptions { Name = host.Name, Limits = host.Options.Engine, Ports = [new() { Mac = host.Port.SuggestedMac, Addresses = [host.Address] }] }, host.Port);
        return Parts.WrapDevice(host.Options.Wrap?.Invoke(device) ?? device);
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
    public InitiatorHost AddInitiator(SimHost host, bool isClosedAtEnd = true)
    {
        var initiator = Parts.CreateInitiator(host.Device, $"iqn.2026-11.example.weft:{host.Name}");
        if (isClosedAtEnd) AtEnd(initiator.CloseAsync);
        return initiator;
    }

    /// <summary>Calls back when a frame that matches is about to arrive at a host.</summary>
    public void OnArrival(SimHost host, FrameMatch match, Action action) => Watch(new ArrivalWatch(host.Port, match, action));

    /// <summary>Calls back when an event of a host is about to run.</summary>
    /// <param name="source">Name of the lane or timer, e.g. <c>target send flush</c>.</param>
    public void OnEvent(SimHost host, string source, Action action) => Watch(new EventWatch(host.Node, source, action));

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
            await World.Until(holds, claim, limit);
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

    /// <summary>Which of the possible courses this run took: an exploration counts them, and so shows that it saw each.</summary>
    public void Saw(string course) => Courses.Add(course);

    internal List<string> Courses { get; }

    /// <summary>Something to end when the steps are over, in reverse order, before the world is checked for left-overs.</summary>
    public void AtEnd(Func<ValueTask> farewell) => farewells.Add(farewell);

    internal async Task FinishAsync()
    {
        for (var i = farewells.Count - 1; i >= 0; i--) await farewells[i]();
        await World.Idle();
        var left = World.Quiescence();
        // What a host still meant to send again when it lost its power is in nobody's hands any more.
        if (hasRebooted && Network.HasLost) left = left with { FramesOutstanding = 0 };
        Claim(left.IsQuiet, "quiescence", "design: checks", $"everything comes to rest at the end, but there is left: {left}");
        foreach (var host in hosts)
        {
            var resources = host.Device.Resources;
            Claim(resources == default, "leak", "IBA 11.2", $"{host.Name} gave back everything it made, but has left: {resources}");
        }
    }

    private LinkOptions LinkOptions()
    {
        var impairments = new LinkImpairments
        {
            LossPpm = Setting(CommonSettings.Loss),
            CorruptionPpm = Setting(CommonSettings.Corruption),
            DuplicationPpm = Setting(CommonSettings.Duplication),
            ReorderingPpm = Setting(CommonSettings.Reordering),
        };
        return new LinkOptions
        {
            BitsPerSecond = Settings.Get(CommonSettings.Bandwidth) * 1_000_000,
            Latency = new(Settings.Get(CommonSettings.Latency)),
            Mtu = Setting(CommonSettings.Mtu),
            Impairments = impairments,
            // Where delivery is explored, frames may overtake each other as far as the architecture lets them.
            Flows = World.Options.Order.Open.Has(ChoiceKind.Delivery) ? FlowSeparation.QueuePair : FlowSeparation.None,
        };
    }

    private int Setting(Setting setting) => (int)Settings.Get(setting);
}
