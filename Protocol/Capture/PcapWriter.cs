using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Capture;

/// <summary>Classic pcap, little-endian, nanoseconds. Prefer pcapng, which names interfaces; this is for tools that read nothing else.</summary>
public sealed class PcapWriter
{
    private readonly Stream stream;
    private readonly byte[] header = new byte[16];

    /// <param name="stream">Stays open.</param>
    public PcapWriter(Stream stream, CaptureLinkType linkType)
    {
        this.stream = stream;
        Span<byte> file = stackalloc byte[24];
        file.Clear();
        WriteUInt32LittleEndian(file, PcapReader.Nanoseconds);
        WriteUInt16LittleEndian(file[4..], 2);
        WriteUInt16LittleEndian(file[6..], 4);
        WriteUInt32LittleEndian(file[16..], CaptureReader.MaxPacketLength);
        WriteUInt32LittleEndian(file[20..], (uint)linkType);
        stream.Write(file);
    }

    /// <param name="time">Not negative, and before the year 2106 when counted from 1970.</param>
    public void Write(Instant time, ReadOnlySpan<byte> data)
    {
        WriteUInt32LittleEndian(header, checked((uint)(time.Nanoseconds / 1_000_000_000)));
        WriteUInt32LittleEndian(header.AsSpan(4), (uint)(time.Nanoseconds % 1_000_000_000));
        WriteUInt32LittleEndian(header.AsSpan(8), (uint)data.Length);
        WriteUInt32LittleEndian(header.AsSpan(12), (uint)data.Length);
        stream.Write(header);
        stream.Write(data);
    }
}
