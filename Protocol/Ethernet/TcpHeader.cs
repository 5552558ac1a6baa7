using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ethernet;

/// <summary>TCP header without its options, for reading captures. RFC 9293 §3.1.</summary>
/// <param name="HeaderWords">Data offset: 5 without options, up to 15.</param>
public readonly record struct TcpHeader(
    ushort SourcePort, ushort DestinationPort, uint Sequence, uint Acknowledgement, TcpFlags Flags, ushort Window, ushort Checksum = 0,
    ushort Urgent = 0, byte HeaderWords = 5)
{
    public const int Length = 20;
    public int HeaderLength => HeaderWords * 4;

    /// <summary>False when the source is too short or the data offset is below 5; the options may still be cut off.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out TcpHeader header)
    {
        header = default;
        if (source.Length < Length || source[12] >> 4 < 5) return false;
        header = new(ReadUInt16BigEndian(source), ReadUInt16BigEndian(source[2..]), ReadUInt32BigEndian(source[4..]), ReadUInt32BigEndian(source[8..]),
            (TcpFlags)(ReadUInt16BigEndian(source[12..]) & 0xFFF), ReadUInt16BigEndian(source[14..]), ReadUInt16BigEndian(source[16..]),
            ReadUInt16BigEndian(source[18..]), (byte)(source[12] >> 4));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt16BigEndian(target[18..], Urgent);
        WriteUInt16BigEndian(target, SourcePort);
        WriteUInt16BigEndian(target[2..], DestinationPort);
        WriteUInt32BigEndian(target[4..], Sequence);
        WriteUInt32BigEndian(target[8..], Acknowledgement);
        WriteUInt16BigEndian(target[12..], (ushort)(HeaderWords << 12 | (ushort)Flags & 0xFFF));
        WriteUInt16BigEndian(target[14..], Window);
        WriteUInt16BigEndian(target[16..], Checksum);
    }
}
