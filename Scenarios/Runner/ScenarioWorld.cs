using Weft.Fabric.Engine;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;
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

    internal ScenarioWorld(World world, Settings settings, ScenarioParts parts, List<string> courses) =>
        (World, Settings, Parts, Courses) = (world, settings, parts, courses);

    public World World { get; }
    public Settings Settings { get; }
    internal ScenarioParts Parts { get; }
    public IReadOnlyList<SimHost> Hosts => hosts;
    /// <summary>The switch that all hosts are plugged into.</summary>
    public EthernetSwitch Switch => ethernet ??= World.AddSwitch("s1");
    public Instant Now => World.Now;

    /// <summary>A host with one RoCE port on the switch; addresses are 10.0.0.1, 10.0.0.2, … in the order of creation.</summary>
    public SimHost AddHost(string name)
    {
        var node = World.AddHost(name);
        var link = World.Connect(node, Switch, LinkOptions());
        var address = Gid.FromIPv4(FirstAddress + (uint)hosts.Count);
        var device = RoceDevice.Create(node, new RoceDeviceOptions { Name = name, Ports = [new() { Mac = link.A.SuggestedMac, Addresses = [address] }] }, link.A);
        var host = new SimHost(node, link, Parts.WrapDevice(device), address);
        hosts.Add(host);
        return host;
    }

    /// <summary>A host with an iSER target, which is stopped at the end.</summary>
    public TargetNode AddTarget(string name = "target", TargetNodeOptions? options = null)
    {
        var node = new TargetNode(AddHost(name), Parts, options ?? new());
        AtEnd(() => node.StopAsync(this));
        return node;
    }

    /// <summary>A host with an initiator, whose sessions are logged out at the end.</summary>
    public InitiatorHost AddInitiator(string name = "initiator")
    {
        var initiator = Parts.CreateInitiator(AddHost(name).Device, $"iqn.2026-11.example.weft:{name}");
        AtEnd(initiator.CloseAsync);
        return initiator;
    }

    /// <summary>States what must hold here. Where it does not, the run ends and reports it.</summary>
    /// <param name="rule">Short stable name of the claim.</param>
    /// <param name="spec">The section or source that promises it.</param>
    /// <param name="claim">What should hold, and what was seen, as a sentence.</param>
    public void Claim(bool holds, string rule, string spec, string claim)
    {
        if (!holds) throw new ClaimException(rule, $"{claim} [{spec}]");
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
