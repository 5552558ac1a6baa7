using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Mad.Smp;

/// <summary>
/// Attributes that are blocks of equal entries, read and written in the 64 bytes of a packet: GUIDs, P_Keys, SL to VL, VL arbitration,
/// linear and multicast forwarding. How the attribute modifier names the block is said with each. IBA Vol 1 §14.2.5.5, §14.2.5.7 to 12.
/// </summary>
public static class SmpTables
{
    /// <summary>GUIDs of a GUIDInfo block; modifier: block.</summary>
    public const int GuidsPerBlock = 8;
    /// <summary>Keys of a P_KeyTable block; modifier: bits 15-0 block, bits 31-16 port of a switch.</summary>
    public const int PKeysPerBlock = 32;
    /// <summary>Ports of a LinearForwardingTable block; modifier: block.</summary>
    public const int LidsPerBlock = 64;
    /// <summary>Port masks of a MulticastForwardingTable block; modifier: bits 8-0 block, bits 31-28 position.</summary>
    public const int MulticastLidsPerBlock = 32;
    /// <summary>Ports of one position of a MulticastForwardingTable block.</summary>
    public const int PortsPerPosition = 16;
    /// <summary>Entries of a VLArbitrationTable part; modifier: bits 31-16 part (1, 2 low priority; 3, 4 high), bits 15-0 port.</summary>
    public const int ArbitrationEntriesPerPart = 32;
    /// <summary>Entries of an SLtoVLMappingTable; modifier on a switch: bits 15-8 input port, bits 7-0 output port.</summary>
    public const int ServiceLevels = 16;
    /// <summary>What a forwarding table says of a LID that leads nowhere.</summary>
    public const byte NoPort = 0xFF;

    public static Guid64 Guid(ReadOnlySpan<byte> data, int index) => new(ReadUInt64BigEndian(data[(index * 8)..]));
    public static void SetGuid(Span<byte> data, int index, Guid64 guid) => WriteUInt64BigEndian(data[(index * 8)..], guid.Value);
    public static PKey PKey(ReadOnlySpan<byte> data, int index) => new(ReadUInt16BigEndian(data[(index * 2)..]));
    public static void SetPKey(Span<byte> data, int index, PKey key) => WriteUInt16BigEndian(data[(index * 2)..], key.Value);
    /// <summary>Mask of 16 ports, bit 0 the first of the position.</summary>
    public static ushort PortMask(ReadOnlySpan<byte> data, int index) => ReadUInt16BigEndian(data[(index * 2)..]);
    public static void SetPortMask(Span<byte> data, int index, ushort mask) => WriteUInt16BigEndian(data[(index * 2)..], mask);
    /// <summary>Virtual lane of a service level; 15: drop.</summary>
    public static int Vl(ReadOnlySpan<byte> data, int sl) => data[sl >> 1] >> ((sl & 1) == 0 ? 4 : 0) & 15;

    public static void SetVl(Span<byte> data, int sl, int vl) =>
        data[sl >> 1] = (byte)((sl & 1) == 0 ? data[sl >> 1] & 0x0F | vl << 4 : data[sl >> 1] & 0xF0 | vl & 15);

    /// <summary>Lane and weight (units of 64 bytes) of an arbitration entry.</summary>
    public static (int Vl, int Weight) Arbitration(ReadOnlySpan<byte> data, int index) => (data[index * 2] & 15, data[index * 2 + 1]);

    public static void SetArbitration(Span<byte> data, int index, int vl, int weight) => (data[index * 2], data[index * 2 + 1]) = ((byte)(vl & 15), (byte)weight);
}
