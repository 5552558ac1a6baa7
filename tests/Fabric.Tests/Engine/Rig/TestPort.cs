using System.Buffers.Binary;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Tests.Engine.Rig;

/// <summary>A port without network headers or ICRC: it hands transport packets to the <see cref="TestWire"/>.</summary>
internal sealed class TestPort(TestWire wire, Gid gid, PathMtu mtu) : IPacketPort
{
    private const int FakeIpv4Offset = Frame.TransportOffset - 28;
    private IPacketSink? sink;

    public byte Number => 1;
    public LinkType LinkType => LinkType.Ethernet;
    public PathMtu ActiveMtu => mtu;
    public bool IsActive { get; set; } = true;
    public int GidTableLength => 1;
    public Gid Gid => gid;
    public PKey[] PKeys { get; set; } = [PKey.Default];
    public int PKeyTableLength => PKeys.Length;
    public bool Room { get; set; } = true;
    bool IPacketPort.HasRoom => Room;

    public void Attach(IPacketSink target) => sink = target;
    public Frame Rent() => wire.Pool.Rent();

    public void Send(Frame frame, in AddressVector path, ushort flow)
    {
        frame.Buffer.AsSpan(frame.End, 4).Clear(); // where the ICRC would be
        frame.End += 4;
        wire.Accept(this, frame, path.DestinationGid);
    }

    public void Deliver(Frame frame, Gid from, Gid to)
    {
        var header = frame.Buffer.AsSpan(FakeIpv4Offset, 20);
        header.Clear();
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], from.IPv4);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], to.IPv4);
        sink!.OnPacket(this, frame, new(from, to, 0, 64, 0, FakeIpv4Offset));
    }

    public void ReportState(bool isActive) => sink!.OnPortState(this, IsActive = isActive);

    public ushort FlowOf(in AddressVector path, Qpn local, Qpn remote) => 0xC000;
    public Gid GidAt(int index) => gid;
    public PKey PKeyAt(int index) => PKeys[index];
    public int IndexOf(Gid other) => other == gid ? 0 : -1;
    public void Resolve(Gid source, Gid destination, INeighborWaiter waiter) => waiter.OnNeighbor(destination, true);
}
