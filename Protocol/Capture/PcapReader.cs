using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Capture;

/// <summary>Classic pcap, either byte order, micro- or nanoseconds. Format: draft-ietf-opsawg-pcap.</summary>
// file: 0 Magic | 4 Major | 6 Minor | 8 zone | 12 figures | 16 SnapLen | 20 LinkType:16 FCS:16     packet: 0 Sec | 4 Fraction | 8 CapLen | 12 OrigLen
public sealed class PcapReader : CaptureReader
{
    internal const uint Microseconds = 0xA1B2_C3D4, Nanoseconds = 0xA1B2_3C4D, MicrosecondsSwapped = 0xD4C3_B2A1, NanosecondsSwapped = 0x4D3C_B2A1;
    private const string Spec = "pcap";
    private const int FileHeaderLength = 24, PacketHeaderLength = 16;

    private readonly bool bigEndian;
    private readonly long unit;
    private readonly CaptureLinkType linkType;

    internal PcapReader(ByteSource source, bool bigEndian, bool nanoseconds) : base(source)
    {
        this.bigEndian = bigEndian;
        unit = nanoseconds ? 1 : 1000;
        if (!source.TryTake(FileHeaderLength, out var header))
        {
            Fail("pcap-cut", Spec, $"the file header needs {FileHeaderLength} bytes; the file ends", source.Available);
            return;
        }
        var h = header.Span;
        var (major, minor) = (UInt16(h[4..]), UInt16(h[6..]));
        if (major != 2)
        {
            Fail("pcap-version", Spec, $"version {major}.{minor}, known is 2.x", 4);
            return;
        }
        linkType = (CaptureLinkType)(UInt32(h[20..]) & 0xFFFF);
        InterfaceList.Add(new("", linkType, UInt32(h[16..])));
    }

    public override bool TryRead(out CapturedPacket packet)
    {
        packet = default;
        if (Error is not null) return false;
        var offset = Source.Offset;
        if (!Source.TryTake(PacketHeaderLength, out var header))
            return Source.Available != 0 && Fail("pcap-cut", Spec, $"the file ends inside the header of packet {Count + 1}", offset);
        var h = header.Span;
        var (seconds, fraction, captured, original) = (UInt32(h), UInt32(h[4..]), UInt32(h[8..]), UInt32(h[12..]));
        if (captured > MaxPacketLength)
            return Fail("pcap-length", Spec, $"packet {Count + 1} claims {captured} bytes, more than {MaxPacketLength}", offset + 8);
        if (!Source.TryTake((int)captured, out var data))
            return Fail("pcap-cut", Spec, $"packet {Count + 1} claims {captured} bytes, the file has {Source.Available} more", offset + 8);
        packet = Unwrap(new(++Count, 0, linkType, new(seconds * 1_000_000_000L + fraction * unit), data, original));
        return true;
    }

    private ushort UInt16(ReadOnlySpan<byte> bytes) => bigEndian ? ReadUInt16BigEndian(bytes) : ReadUInt16LittleEndian(bytes);
    private uint UInt32(ReadOnlySpan<byte> bytes) => bigEndian ? ReadUInt32BigEndian(bytes) : ReadUInt32LittleEndian(bytes);
}
