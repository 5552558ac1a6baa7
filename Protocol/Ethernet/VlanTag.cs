using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ethernet;

/// <summary>Tag control information and the EtherType behind it. IEEE 802.1Q §9.6.</summary>
/// <param name="Control">Priority in bits 15..13, drop eligible 12, VLAN 11..0.</param>
public readonly record struct VlanTag(ushort Control, EtherType EtherType)
{
    public const int Length = 4;

    public int Vlan => Control & 0xFFF;
    public int Priority => Control >> 13;
    public bool DropEligible => (Control & 0x1000) != 0;

    /// <param name="source">Behind the EtherType that announced the tag.</param>
    public static bool TryRead(ReadOnlySpan<byte> source, out VlanTag tag)
    {
        tag = default;
        if (source.Length < Length) return false;
        tag = new(ReadUInt16BigEndian(source), (EtherType)ReadUInt16BigEndian(source[2..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt16BigEndian(target[2..], (ushort)EtherType);
        WriteUInt16BigEndian(target, Control);
    }
}
