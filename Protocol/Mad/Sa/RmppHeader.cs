using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Mad.Sa;

/// <summary>
/// Header of the reliable multi-packet protocol, bytes 24 to 35 of a MAD whose class may use it. IBA Vol 1 §13.6.2.
/// A MAD without <see cref="RmppFlags.Active"/> is no segment, whatever else the header says.
/// </summary>
/// <param name="ResponseTime">Coded time that the sender of this may take to answer; 31 none given.</param>
/// <param name="Segment">DATA: number of this segment, from 1. ACK: last segment that arrived in order. Otherwise 0.</param>
/// <param name="LengthOrWindow">DATA: bytes of payload (first segment: of all; last: of this). ACK: last segment that may be sent.</param>
// 24 RMPPVersion | 25 RMPPType | 26 RRespTime:5 Flags:3 | 27 Status | 28 SegmentNumber:32 | 32 PayloadLength or NewWindowLast:32
public readonly record struct RmppHeader(
    RmppType Type, RmppFlags Flags, uint Segment, uint LengthOrWindow, byte Status = 0, byte ResponseTime = 31, byte Version = RmppHeader.CurrentVersion)
{
    public const int Offset = 24;
    public const int Length = 12;
    public const byte CurrentVersion = 1;

    public bool IsActive => (Flags & RmppFlags.Active) != 0;
    public bool IsFirst => (Flags & RmppFlags.First) != 0;
    public bool IsLast => (Flags & RmppFlags.Last) != 0;

    /// <summary>Reads the header from a whole MAD.</summary>
    public static bool TryRead(ReadOnlySpan<byte> mad, out RmppHeader header)
    {
        header = default;
        if (mad.Length < Offset + Length) return false;
        header = new((RmppType)mad[25], (RmppFlags)(mad[26] & 7), ReadUInt32BigEndian(mad[28..]), ReadUInt32BigEndian(mad[32..]), mad[27],
            (byte)(mad[26] >> 3), mad[24]);
        return true;
    }

    /// <summary>Writes the header into a whole MAD.</summary>
    public void Write(Span<byte> mad)
    {
        mad[24] = Version;
        mad[25] = (byte)Type;
        mad[26] = (byte)(ResponseTime << 3 | (byte)Flags & 7);
        mad[27] = Status;
        WriteUInt32BigEndian(mad[28..], Segment);
        WriteUInt32BigEndian(mad[32..], LengthOrWindow);
    }
}
