using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Umad;
using Weft.Protocol.Capture;
using Weft.Protocol.Checksums;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Scenarios.Subnets;

/// <summary>Writes MADs as the InfiniBand packets that would carry them, from the LRH to the VCRC, so that tshark and others read them.</summary>
internal sealed class MadCapture : IMadTap, IDisposable
{
    private const int IcrcStart = Lrh.Length + Bth.Length + Deth.Length + MadHeader.MadLength;
    private const byte ManagementLane = 15;
    private readonly byte[] packet = new byte[IcrcStart + Icrc.Length + Vcrc.Length];
    private readonly Stream stream;
    private readonly PcapngWriter writer;
    private readonly int number;
    private uint psn;

    /// <param name="stream">Is closed with the capture.</param>
    public MadCapture(Stream stream)
    {
        this.stream = stream;
        writer = new(stream);
        number = writer.AddInterface("management", CaptureLinkType.Erf);
    }

    /// <summary>MADs written.</summary>
    public long Count { get; private set; }

    public void OnMad(SubnetPort source, Lid sourceLid, Lid destinationLid, ReadOnlySpan<byte> mad, Instant now)
    {
        var isSmp = (MadClass)mad[1] is MadClass.SubnetLidRouted or MadClass.SubnetDirectedRoute;
        var qp = new Qpn(isSmp ? 0u : 1u);
        new Lrh(isSmp ? ManagementLane : (byte)0, 0, LinkNextHeader.Local, destinationLid, MadWalk.PacketWords, sourceLid).Write(packet);
        new Bth(BthOpcode.UdSendOnly, PKey.Default, qp, new(psn++ & 0xFF_FFFF)).Write(packet.AsSpan(Lrh.Length));
        new Deth(isSmp ? default : QKey.Gsi, qp).Write(packet.AsSpan(Lrh.Length + Bth.Length));
        mad[..MadHeader.MadLength].CopyTo(packet.AsSpan(IcrcStart - MadHeader.MadLength));
        Icrc.Write(packet.AsSpan(IcrcStart), Icrc.ComputeLrh(packet.AsSpan(0, IcrcStart)));
        WriteUInt16LittleEndian(packet.AsSpan(IcrcStart + Icrc.Length), Vcrc.Compute(packet.AsSpan(0, IcrcStart + Icrc.Length)));
        writer.Write(number, now, packet);
        Count++;
    }

    public void Dispose()
    {
        writer.Flush();
        stream.Dispose();
    }
}
