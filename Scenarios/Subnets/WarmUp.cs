using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Topologies;
using Weft.Fabric.Sim.Subnet.Umad;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;
using Weft.Scenarios.Commands;

namespace Weft.Scenarios.Subnets;

/// <summary>
/// Serves a small subnet to nobody for a moment before the real one is served, so that the runtime has compiled and optimised the agents
/// when the first manager comes: its first sweep is the one that people wait for.
/// </summary>
internal sealed class WarmUp : IUmadTransport
{
    private const double Seconds = 0.6;
    private const int Round = 200;
    private static readonly (MadMethod Method, SmpAttribute Attribute, uint Modifier, byte[] Path)[] Requests =
    [
        (MadMethod.Get, SmpAttribute.NodeInfo, 0, [1, 3]), (MadMethod.Get, SmpAttribute.NodeDescription, 0, [1]), (MadMethod.Get, SmpAttribute.SwitchInfo, 0, [1]),
        (MadMethod.Get, SmpAttribute.PortInfo, 3, [1]), (MadMethod.Get, SmpAttribute.PKeyTable, 0, [1, 2]), (MadMethod.Set, SmpAttribute.LinearForwardingTable, 0, [1, 3]),
        (MadMethod.Get, SmpAttribute.PortInfo, 0, [1, 2]), (MadMethod.Set, SmpAttribute.PortInfo, 0, [1, 2]),
    ];

    public static void Run()
    {
        var server = new UmadServer(TopologyGenerator.TwoLevelFatTree(2, 2, 1, 4, LinkRate.Edr4X), new WarmUp());
        var control = new byte[UmadControl.Length];
        UmadControl.Begin(control, UmadControlType.Connect);
        server.HandleControl(control, Instant.Zero);
        var datagram = new byte[UmadDatagram.Length];
        for (var clock = new WallClock(); clock.Seconds < Seconds;)
        {
            for (var i = 0; i < Round; i++)
            {
                foreach (var (method, attribute, modifier, path) in Requests)
                {
                    var d = new UmadDatagram(datagram);
                    new SmpMad(d.Mad).BeginDirected(method, attribute, modifier, 1, path);
                    (d.Destination, d.Source, d.MadBytes) = (Lid.Permissive, Lid.Permissive, UmadDatagram.MadLength);
                    server.HandleData(0, datagram, Instant.Zero);
                }
            }
        }
    }

    bool IUmadTransport.Connect(int client, uint id) => true;

    void IUmadTransport.Release(int client)
    {
    }

    void IUmadTransport.Send(int client, ReadOnlySpan<byte> datagram)
    {
    }
}
