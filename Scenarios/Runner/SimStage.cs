using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Runner;

/// <summary>A simulated world: hosts on one Ethernet switch, or on an InfiniBand subnet.</summary>
internal sealed class SimStage(World world, ScenarioParts software) : IStage
{
    private EthernetSwitch? ethernet;
    private ScenarioSubnet? subnet;

    public World World => world;
    /// <summary>The switch that all hosts are plugged into.</summary>
    public EthernetSwitch Switch => ethernet ??= world.AddSwitch("s1");
    public ScenarioSubnet Subnet => subnet ??= new(world, new(), software);

    /// <summary>Puts the hosts that are yet to come on an InfiniBand subnet.</summary>
    public ScenarioSubnet Build(SubnetShape shape)
    {
        if (subnet is not null || ethernet is not null) throw new InvalidOperationException("the scenario has a network already");
        return subnet = new(world, shape, software);
    }

    public Instant Now => world.Now;
    public IChooser Chooser => world.Chooser;
    public long FramesLost => world.Statistics.FramesLost;
    public long FramesDisturbed => world.Statistics.FramesDisturbed;

    public ScenarioHost AddHost(string name, Gid address, SimHostOptions options, Settings settings, ScenarioParts parts)
    {
        var links = LinkOptions(settings);
        SimHost host;
        if (settings.Get(CommonSettings.Fabric) == CommonSettings.InfiniBand || subnet is not null) host = Subnet.AddHost(name, links, options);
        else
        {
            var node = world.AddHost(name);
            // The first port has the host's address, the others have it in networks of their own.
            var ports = Enumerable.Range(0, options.Ports);
            host = new SimHost(node, [.. ports.Select(_ => world.Connect(node, Switch, links))], [.. ports.Select(i => Network(address, i))], options);
        }
        Start(host, parts);
        return host;
    }

    /// <summary>Gives a host its device, anew after each start.</summary>
    public static void Start(ScenarioHost host, ScenarioParts parts)
    {
        IExecutor executor = host.Options.QpNumbers > 0 ? new FewQpNumbers(host.Node, host.Name, host.Options.QpNumbers) : host.Node;
        var device = host is SimHost { Adapter: { } adapter } onSubnet ? parts.StartAdapter(adapter, executor, onSubnet.Paths, host.Options.Engine) : parts.CreateDevice(
            executor, new RoceDeviceOptions
            {
                Name = host.Name, Limits = host.Options.Engine,
                Ports = [.. host.Links.Select((link, i) => new RocePortOptions { Mac = link.A.SuggestedMac, Addresses = [host.Addresses[i]] })],
            }, [.. host.Links.Select(link => link.A)]);
        host.Device = parts.WrapDevice(host.Options.Wrap?.Invoke(device) ?? device);
    }

    private static Gid Network(Gid address, int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.Write(bytes);
        bytes[14] += (byte)number;
        return Gid.Read(bytes);
    }

    public ValueTask Delay(Duration duration) => world.Delay(duration);
    public ValueTask Until(Func<bool> condition, string what) => world.Until(condition, what);
    public ValueTask Until(Func<bool> condition, string what, Duration within) => world.Until(condition, what, within);
    public Signal NewSignal(string what) => world.NewSignal(what);
    public void Watch(Task task) => world.Watch(task);
    public void Fail(string rule, string why) => world.Fail(rule, why);
    public void OpenOrder() => world.OpenOrder();
    public void CloseOrder() => world.CloseOrder();
    public ValueTask Rest(IReadOnlyList<ScenarioHost> hosts) => world.Idle();

    public string Restless(bool exceptHeldFrames)
    {
        var left = world.Quiescence();
        if (exceptHeldFrames) left = left with { FramesOutstanding = 0 };
        return left.IsQuiet ? "" : left.ToString();
    }

    private LinkOptions LinkOptions(Settings settings) => new()
    {
        BitsPerSecond = settings.Get(CommonSettings.Bandwidth) * 1_000_000,
        Latency = new(settings.Get(CommonSettings.Latency)),
        Mtu = (int)settings.Get(CommonSettings.Mtu),
        Impairments = new LinkImpairments
        {
            LossPpm = (int)settings.Get(CommonSettings.Loss),
            CorruptionPpm = (int)settings.Get(CommonSettings.Corruption),
            DuplicationPpm = (int)settings.Get(CommonSettings.Duplication),
            ReorderingPpm = (int)settings.Get(CommonSettings.Reordering),
        },
        // Where delivery is explored, frames may overtake each other as far as the architecture lets them.
        Flows = world.Options.Order.Open.Has(ChoiceKind.Delivery) ? FlowSeparation.QueuePair : FlowSeparation.None,
    };
}
