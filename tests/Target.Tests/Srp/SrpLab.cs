using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Verbs;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Srp;
using Weft.Target.Commands;
using Weft.Target.Luns;
using Weft.Target.Srp;

namespace Weft.Target.Tests.Srp;

/// <summary>A world with an SRP target and initiators behind one switch. The target's disk is LUN 0, 8 MiB of RAM.</summary>
internal sealed class SrpLab
{
    public static readonly IpEndpoint Portal = new(Gid.Parse("10.0.0.1"), 5555);
    private readonly EthernetSwitch network;
    private int hosts;

    public SrpLab(World world, SrpTargetOptions? options = null, StoreTiming timing = default)
    {
        World = world;
        network = world.AddSwitch("s1");
        var node = AddNode("t", out var device);
        TargetDevice = device;
        Store = new("ram", 16384, executor: node, timing: timing);
        var units = new TargetDevice("disk", announcesPowerOn: false);
        units.Luns.Default.Add(0, new DiskUnit(Store));
        Target = new(node, units, options, Log);
        Port = new(Target, device);
        Target.Enable();
        Port.Listen(Portal);
    }

    public World World { get; }
    public IRdmaDevice TargetDevice { get; }
    public SrpTarget Target { get; }
    public SrpPort Port { get; }
    public RamStore Store { get; }
    public SrpLog Log { get; } = new();

    /// <summary>What an initiator writes to add_target.</summary>
    public SrpAddTarget Address(string options = "")
    {
        var text = $"id_ext={Port.ServiceGuid.Value:x16},ioc_guid={Port.ServiceGuid.Value:x16},dest={Portal}{options}";
        var parsed = SrpAddTarget.TryParse(text, out var error);
        Assert.True(parsed is not null, error);
        return parsed;
    }

    public InitiatorHost AddInitiator(string name = "i1")
    {
        AddNode(name, out var device);
        return new(device, $"iqn.2026-01.weft:{name}");
    }

    public SimNode AddNode(string name, out IRdmaDevice device)
    {
        var node = World.AddHost(name);
        var port = World.Connect(node, network).A;
        hosts++;
        device = RoceDevice.Create(node, new()
        {
            Name = $"{name}0",
            Ports = [new RocePortOptions { Mac = port.SuggestedMac, Addresses = [Gid.FromIPv4(0x0A00_0000u + (uint)hosts)] }],
        }, port);
        return node;
    }

    /// <summary>Stops the target and checks that nothing is left of it.</summary>
    public async Task StopAsync()
    {
        var stopped = World.NewSignal("target to stop");
        Target.Stop(() => stopped.TrySet());
        await stopped.Task;
        Assert.Empty(Target.Channels);
        Assert.Empty(Target.Device.Nexuses);
        Assert.Equal(default, TargetDevice.Resources);
    }

    /// <summary>What the target told.</summary>
    internal sealed class SrpLog : SrpObserver
    {
        public List<SrpLoginRejectReason> Refusals { get; } = [];
        public List<Sessions.CloseReason> Closings { get; } = [];
        public int Accepted { get; private set; }
        public int Released { get; private set; }
        public int Held { get; private set; }

        public override void LoginRefused(string initiator, SrpLoginRequest? login, SrpLoginRejectReason reason) => Refusals.Add(reason);
        public override void ChannelAccepted(SrpChannel channel) => Accepted++;
        public override void RequestHeld(SrpChannel channel) => Held++;
        public override void ChannelClosing(SrpChannel channel, Sessions.CloseReason reason) => Closings.Add(reason);
        public override void ChannelReleased(SrpChannel channel) => Released++;
    }
}
