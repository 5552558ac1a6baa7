using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SharpPcap;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Hw.SharpPcap;

/// <summary>
/// A link on a network interface through libpcap (pcap(3PCAP)): a copy and a call per frame, where packet(7) needs none.
/// Libpcap shows frames that leave too (on Linux other programs' only, elsewhere our own as well): those with our source address are left out.
/// </summary>
public sealed unsafe class PcapLink : IPolledLink
{
    private const int EthernetHeader = 14, EtherTypeOffset = 12;
    private const ushort EtherTypeIPv6 = 0x86DD;
    private const int Batch = 64, KernelBuffer = 8 << 20;
    /// <summary>From the start of an Ethernet frame to its BTH: Ethernet 14, IPv4 20 or IPv6 40, UDP 8.</summary>
    private const int ToTransport = 42, ToTransportIPv6 = 62;
    /// <summary>Rounds of the loop in which the system may refuse a frame for want of room; then it is lost.</summary>
    private const int MaxAttempts = 100;
    /// <summary>Where struct pcap_pkthdr has the captured length: behind a struct timeval, of C longs (32 bits on Windows, of the machine's width elsewhere).</summary>
    private static readonly int CaptureLengthOffset = OperatingSystem.IsWindows() ? 8 : 2 * IntPtr.Size;

    private readonly PcapPort port;
    private readonly Queue<Frame> sending = new(Batch);
    private ILinkReceiver? receiver;
    private MacAddress own;
    private int attempts;

    internal PcapLink(PcapPort port, string name, int mtu, MacAddress address) => (this.port, Name, Mtu, InterfaceAddress) = (port, name, mtu, address);

    public string Name { get; }
    public LinkType Type => LinkType.Ethernet;
    public int Mtu { get; }
    public bool IsUp { get; private set; } = true;
    public FramePool Frames { get; } = new();
    public bool HasRoom => sending.Count < Batch;
    public int Descriptor => IsUp ? port.Selectable : -1;
    public MacAddress? InterfaceAddress { get; }

    /// <summary>Frames that the system refused, and received ones longer than any of ours.</summary>
    public long SendDropped { get; private set; }
    public long ReceiveDropped { get; private set; }

    /// <summary>Opens an interface, promiscuously: it has an address of ours beside the host's.</summary>
    /// <exception cref="LinkException">No libpcap, no such interface, no permission, not Ethernet, or the interface is down.</exception>
    public static PcapLink Open(string interfaceName) => PcapInterfaces.Open(interfaceName);

    internal static DeviceConfiguration Configuration => new()
    {
        Mode = DeviceModes.Promiscuous, Snaplen = FramePool.DefaultCapacity, Immediate = true, BufferSize = KernelBuffer, ReadTimeout = 1,
    };

    public void Attach(ILinkReceiver linkReceiver) => receiver = linkReceiver;

    public void Send(Frame frame)
    {
        if (!IsUp || frame.Length < EthernetHeader)
        {
            frame.Release();
            return;
        }
        own = MacAddress.Read(frame.Span[6..]);
        sending.Enqueue(frame);
    }

    public void Flush()
    {
        while (sending.TryPeek(out var frame))
        {
            if (!TrySend(frame.Span))
            {
                if (IsUp && ++attempts < MaxAttempts) return;
                SendDropped++;
            }
            attempts = 0;
            sending.Dequeue().Release();
        }
    }

    public bool Receive()
    {
        var busy = sending.Count > 0; // they wait for room: no time to sleep
        for (var i = 0; i < Batch && IsUp; i++)
        {
            IntPtr header = 0, data = 0;
            var status = (GetPacketStatus)port.GetNextPacketPointers(ref header, ref data);
            if (status == GetPacketStatus.PacketRead) Deliver(new((void*)data, Marshal.ReadInt32(header, CaptureLengthOffset)));
            else if (status == GetPacketStatus.Error) GoDown();
            if (status != GetPacketStatus.PacketRead) return busy;
            busy = true;
        }
        return busy;
    }

    private bool TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            port.SendPacket(bytes);
            return true;
        }
        catch (PcapException)
        {
            return false;
        }
    }

    private void Deliver(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < EthernetHeader || receiver is null || MacAddress.Read(bytes[6..]) == own) return;
        var start = Frame.TransportOffset - (BinaryPrimitives.ReadUInt16BigEndian(bytes[EtherTypeOffset..]) == EtherTypeIPv6 ? ToTransportIPv6 : ToTransport);
        if (bytes.Length > FramePool.DefaultCapacity - start)
        {
            ReceiveDropped++;
            return;
        }
        var frame = Frames.Rent();
        frame.Start = start;
        frame.End = start + bytes.Length;
        bytes.CopyTo(frame.Span);
        receiver.OnFrame(frame);
    }

    /// <summary>Libpcap reports an error only when the interface is gone for good.</summary>
    private void GoDown()
    {
        IsUp = false;
        receiver?.OnLinkState(false);
    }

    public void Dispose()
    {
        while (sending.TryDequeue(out var frame)) frame.Release();
        port.Dispose();
    }
}
