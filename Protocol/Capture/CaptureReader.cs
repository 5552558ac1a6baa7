using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Capture;

/// <summary>
/// Reads a capture file of either format, front to back, in bounded memory. A malformed file ends the reading with
/// <see cref="Error"/>, which says what is wrong at which offset; packets before it have been delivered.
/// </summary>
public abstract class CaptureReader
{
    /// <summary>Longest packet accepted: libpcap's own limit.</summary>
    public const int MaxPacketLength = 262_144;

    private protected readonly ByteSource Source;
    private protected readonly List<CaptureInterface> InterfaceList = [];

    private protected CaptureReader(ByteSource source) => Source = source;

    public IReadOnlyList<CaptureInterface> Interfaces => InterfaceList;
    /// <summary>Why reading stopped before the end of the file; null when it did not.</summary>
    public Violation? Error { get; private protected set; }
    /// <summary>Packets delivered.</summary>
    public int Count { get; private protected set; }

    /// <summary>The next packet; false at the end of the file and on a malformed one.</summary>
    public abstract bool TryRead(out CapturedPacket packet);

    /// <summary>Recognises the format and reads the file header.</summary>
    /// <param name="stream">Positioned at the first byte; stays open.</param>
    /// <returns>The reader, or null with the reason.</returns>
    public static CaptureReader? Open(Stream stream, out Violation? error)
    {
        var source = new ByteSource(stream);
        error = null;
        if (!source.TryPeek(4, out var magic))
        {
            error = new("capture-magic", "pcap, pcapng", $"{source.Available} bytes are no capture file");
            return null;
        }
        CaptureReader reader;
        switch (ReadUInt32LittleEndian(magic))
        {
            case PcapngReader.SectionHeader:
                reader = new PcapngReader(source);
                break;
            case PcapReader.Microseconds:
                reader = new PcapReader(source, bigEndian: false, nanoseconds: false);
                break;
            case PcapReader.Nanoseconds:
                reader = new PcapReader(source, bigEndian: false, nanoseconds: true);
                break;
            case PcapReader.MicrosecondsSwapped:
                reader = new PcapReader(source, bigEndian: true, nanoseconds: false);
                break;
            case PcapReader.NanosecondsSwapped:
                reader = new PcapReader(source, bigEndian: true, nanoseconds: true);
                break;
            default:
                error = new("capture-magic", "pcap, pcapng", $"first bytes {Convert.ToHexString(magic)} are neither pcap nor pcapng");
                return null;
        }
        error = reader.Error;
        return error is null ? reader : null;
    }

    /// <summary>Takes an InfiniBand packet out of its ERF record; other packets stay as they are.</summary>
    private protected static CapturedPacket Unwrap(in CapturedPacket packet)
    {
        if (packet.LinkType != CaptureLinkType.Erf || !ErfHeader.TryRead(packet.Data.Span, out var erf) || erf.Type != ErfHeader.InfiniBand) return packet;
        var length = Math.Min(erf.WireLength, packet.Data.Length - ErfHeader.Length);
        return packet with { LinkType = CaptureLinkType.InfiniBand, Data = packet.Data.Slice(ErfHeader.Length, length), OriginalLength = erf.WireLength };
    }

    private protected bool Fail(string rule, string spec, string detail, long offset)
    {
        Error = new(rule, spec, $"{detail} at offset {offset}");
        return false;
    }
}
