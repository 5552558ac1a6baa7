using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ethernet;

/// <summary>ARP for IPv4 on Ethernet. RFC 826. Other hardware or protocol types are refused.</summary>
public readonly record struct ArpPacket(
    ArpOperation Operation, MacAddress SenderMac, uint SenderAddress, MacAddress TargetMac, uint TargetAddress)
{
    public const int Length = 28;

    public static bool TryRead(ReadOnlySpan<byte> source, out ArpPacket packet)
    {
        packet = default;
        // Hardware 1 (Ethernet), protocol IPv4, address lengths 6 and 4.
        if (source.Length < Length || ReadUInt64BigEndian(source) >> 16 != 0x0001_0800_0604) return false;
        packet = new((ArpOperation)ReadUInt16BigEndian(source[6..]), MacAddress.Read(source[8..]), ReadUInt32BigEndian(source[14..]),
            MacAddress.Read(source[18..]), ReadUInt32BigEndian(source[24..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt32BigEndian(target[24..], TargetAddress);
        WriteUInt64BigEndian(target, 0x0001_0800_0604UL << 16 | (ushort)Operation);
        SenderMac.Write(target[8..]);
        WriteUInt32BigEndian(target[14..], SenderAddress);
        TargetMac.Write(target[18..]);
    }
}
