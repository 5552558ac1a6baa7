using System.Runtime;
using Weft.Fabric.Hw;
using Weft.Fabric.Hw.Linux;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Topologies;
using Weft.Fabric.Sim.Subnet.Umad;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;
using Weft.Scenarios.Commands;

namespace Weft.Scenarios.Subnets;

/// <summary>
/// Serves a small subnet to itself, by sockets of its own, before the real one is served, until the runtime has compiled and optimised
/// what a manager's first sweep runs: that sweep is the one that people wait for.
/// </summary>
internal sealed class WarmUp : IDisposable
{
    private const double QuietSeconds = 0.25; // the runtime looks for what to optimise every tenth of a second
    private const double MaxSeconds = 4;
    private const int Together = 4; // requests under way: as many as OpenSM has, and fewer than a socket's queue holds
    private static readonly (MadMethod Method, SmpAttribute Attribute, uint Modifier, byte[] Path, PortState State)[] Requests =
    [
        Get(SmpAttribute.NodeInfo, 0, 1, 3), Get(SmpAttribute.NodeDescription, 0, 1), Get(SmpAttribute.SwitchInfo, 0, 1), Get(SmpAttribute.PortInfo, 3, 1),
        Get(SmpAttribute.PortInfo, 0, 1, 2), Get(SmpAttribute.GuidInfo, 0, 1, 2), Get(SmpAttribute.PKeyTable, 0, 1, 2), Get(SmpAttribute.PortInfo, 0),
        Set(SmpAttribute.PKeyTable, 0, default, 1, 2), Set(SmpAttribute.SlToVlMappingTable, 0, default, 1, 2), Set(SmpAttribute.VlArbitrationTable, 1 << 16, default, 1, 2),
        Set(SmpAttribute.SwitchInfo, 0, default, 1), Set(SmpAttribute.LinearForwardingTable, 0, default, 1), Set(SmpAttribute.MulticastForwardingTable, 0, default, 1),
        Set(SmpAttribute.PortInfo, 0, PortState.Armed, 1, 2), Set(SmpAttribute.PortInfo, 2, PortState.Armed, 1), Set(SmpAttribute.PortInfo, 0, PortState.Active, 1, 2),
        Set(SmpAttribute.PortInfo, 2, PortState.Active, 1), Set(SmpAttribute.PortInfo, 0, PortState.Down, 1, 2), Get(SmpAttribute.PortInfo, 2, 1),
    ];

    private readonly string name = $"weft-warm-{Environment.ProcessId}";
    private readonly byte[] datagram = new byte[UmadDatagram.Length];
    private readonly ManagementSockets sockets;
    private readonly DatagramSocket client, control;
    private readonly SubnetService service;

    private WarmUp()
    {
        sockets = ManagementSockets.Open(name, udpPort: null);
        client = DatagramSocket.BindAbstract($"{name}:in1", UmadDatagram.Length);
        control = DatagramSocket.BindAbstract($"{name}:ctl1", UmadControl.Length);
        service = new(TopologyGenerator.TwoLevelFatTree(2, 2, 1, 4, LinkRate.Edr4X), sockets, null, null, null, readsInput: false, _ => { });
    }

    /// <summary>Returns when nothing has been compiled for a while, or after four seconds.</summary>
    /// <exception cref="LinkException">The machine gives no sockets.</exception>
    public static void Run()
    {
        using var warm = new WarmUp();
        if (!warm.control.TryConnectAbstract($"{warm.name}:ctl")) throw new InvalidOperationException("the warm-up cannot reach its own socket");
        warm.Control(UmadControlType.Connect, 1); // the client's socket is :in1
        foreach (var type in (UmadControlType[])[UmadControlType.GetVendor, UmadControlType.GetNodeInfo, UmadControlType.GetPortInfo, UmadControlType.GetPKeys])
            warm.Control(type, 0);
        warm.Control(UmadControlType.SetIsSm, 1);
        if (!warm.client.TryConnectAbstract($"{warm.name}:out0")) throw new InvalidOperationException("the warm-up cannot reach its own socket");
        var (clock, compiled, since) = (new WallClock(), 0L, 0.0);
        while (clock.Seconds is var seconds && seconds < MaxSeconds && seconds - since < QuietSeconds)
        {
            if (JitInfo.GetCompiledMethodCount() is var count && count != compiled) (compiled, since) = (count, seconds);
            warm.Sweep();
        }
    }

    private void Control(UmadControlType type, byte first)
    {
        var request = new byte[UmadControl.Length];
        UmadControl.Begin(request, type).Data[0] = first;
        control.Send(request);
        control.Flush();
        while (control.Receive() == 0) service.Turn();
    }

    private void Sweep()
    {
        for (var i = 0; i < Requests.Length; i += Together)
        {
            for (var j = i; j < Math.Min(i + Together, Requests.Length); j++) Ask(Requests[j]);
            client.Flush();
            for (var answers = 0; answers < Math.Min(Together, Requests.Length - i); answers += client.Receive()) service.Turn();
        }
    }

    private void Ask((MadMethod Method, SmpAttribute Attribute, uint Modifier, byte[] Path, PortState State) asked)
    {
        var d = new UmadDatagram(datagram);
        var smp = new SmpMad(d.Mad);
        smp.BeginDirected(asked.Method, asked.Attribute, asked.Modifier, 1, asked.Path);
        if (asked.Method == MadMethod.Set && asked.Attribute == SmpAttribute.PortInfo) new PortInfo { Lid = new(3), State = asked.State }.Write(smp.Data);
        (d.Destination, d.Source, d.MadBytes) = (Lid.Permissive, Lid.Permissive, UmadDatagram.MadLength);
        client.Send(datagram);
    }

    private static (MadMethod, SmpAttribute, uint, byte[], PortState) Get(SmpAttribute attribute, uint modifier, params byte[] path) =>
        (MadMethod.Get, attribute, modifier, path, default);

    private static (MadMethod, SmpAttribute, uint, byte[], PortState) Set(SmpAttribute attribute, uint modifier, PortState state, params byte[] path) =>
        (MadMethod.Set, attribute, modifier, path, state);

    public void Dispose()
    {
        service.Dispose();
        sockets.Dispose();
        client.Dispose();
        control.Dispose();
    }
}
