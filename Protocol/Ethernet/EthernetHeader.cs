using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ethernet;

/// <summary>Ethernet II header; with a VLAN tag, <paramref name="EtherType"/> is the tag's and a <see cref="VlanTag"/> follows. IEEE 802.3 §3.2.</summary>
public readonly record struct EthernetHeader(MacAddress Destination, MacAddress Source, EtherType EtherType)
{
    public const int Length = 14;

    public static bool TryRead(ReadOnlySpan<byte> source, out EthernetHeader header)
    {
        header = default;
        if (source.Length < Length) return false;
        header = new(MacAddress.Read(source), MacAddress.Read(source[6..]), (EtherType)ReadUInt16BigEndian(source[12..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt16BigEndian(target[12..], (ushort)EtherType);
        Destination.Write(target);
        Source.Write(target[6..]);
    }
}
