using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Tests.Ports;

/// <summary>A RoCE port with a link, and a sink that remembers.</summary>
internal sealed class PortRig : IPacketSink, INeighborWaiter
{
    public PortRig(string name, RocePortOptions options, ManualExecutor executor, FramePool frames, int mtu = 1500)
    {
        Link = new(name, frames, mtu);
        Port = new(executor, Link, options);
        Verbs.Attach(this);
    }

    public TestLink Link { get; }
    public RocePort Port { get; }
    public IPacketPort Verbs => Port;
    public bool Remembers { get; set; } = true;
    public List<(byte[] Transport, PacketSource Source)> Packets { get; } = [];
    public List<bool> States { get; } = [];
    public List<(Gid Destination, bool Reachable)> Answers { get; } = [];

    public void OnPacket(IPacketPort port, Frame frame, in PacketSource source)
    {
        if (!Remembers) return;
        Packets.Add((frame.Transport.ToArray(), source));
        Assert.Equal(source.DestinationGid.IsIPv4 ? 4 : 6, frame.Buffer[source.NetworkHeaderOffset] >> 4);
    }

    public void OnPortState(IPacketPort port, bool isActive) => States.Add(isActive);

    public void OnNeighbor(Gid destination, bool reachable) => Answers.Add((destination, reachable));

    public AddressVector PathTo(string destination, string? source = null, uint flowLabel = 0, byte hopLimit = 64, byte trafficClass = 0)
    {
        var to = Gid.Parse(destination);
        var from = source is not null ? Gid.Parse(source) : Enumerable.Range(0, Port.GidTableLength).Select(Port.GidAt).Last(g => g.IsIPv4 == to.IsIPv4);
        return new(from, to, FlowLabel: flowLabel, HopLimit: hopLimit, TrafficClass: trafficClass);
    }

    /// <summary>Sends an RC SEND Only with the given payload.</summary>
    public void Send(in AddressVector path, int payload = 5, uint psn = 1, ushort flow = 0xC001)
    {
        var frame = Port.Rent();
        var target = frame.Buffer.AsSpan(Frame.TransportOffset);
        var header = TransportBuilder.Plain(target, BthOpcode.RcSendOnly, PKey.Default, new(0x12), new(psn), ackRequest: true);
        target.Slice(header, payload).Fill(0x55);
        frame.End = Frame.TransportOffset + TransportBuilder.Finish(target, header, payload);
        Port.Send(frame, path, flow);
    }
}
