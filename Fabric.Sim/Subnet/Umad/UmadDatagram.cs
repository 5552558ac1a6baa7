using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>A data datagram of libumad2sim: addresses, status and a MAD in 288 bytes, read and changed where it lies.</summary>
// 0 DLID:16 resv:16 | 4 SLID:16 resv:16 | 8 DestQP:32 | 12 SrcQP:32 | 16 Status:32 | 20 pad:32 | 24 Length:64 | 32 MAD:256 bytes
public readonly ref struct UmadDatagram
{
    public const int Length = 288, MadOffset = 32, MadLength = 256;
    /// <summary>ETIMEDOUT: what a sender is told whose request nobody has answered.</summary>
    public const uint TimedOut = 110;
    private readonly Span<byte> bytes;

    /// <param name="datagram">288 bytes.</param>
    public UmadDatagram(Span<byte> datagram) => bytes = datagram[..Length];

    public Lid Destination { get => new(ReadUInt16BigEndian(bytes)); set => WriteUInt32BigEndian(bytes, (uint)value.Value << 16); }
    public Lid Source { get => new(ReadUInt16BigEndian(bytes[4..])); set => WriteUInt32BigEndian(bytes[4..], (uint)value.Value << 16); }
    public uint DestinationQp { get => ReadUInt32BigEndian(bytes[8..]); set => WriteUInt32BigEndian(bytes[8..], value); }
    public uint SourceQp { get => ReadUInt32BigEndian(bytes[12..]); set => WriteUInt32BigEndian(bytes[12..], value); }
    public uint Status { get => ReadUInt32BigEndian(bytes[16..]); set => WriteUInt32BigEndian(bytes[16..], value); }
    /// <summary>Bytes of the MAD that were sent; the rest of the 256 is zero or stale.</summary>
    public ulong MadBytes { get => ReadUInt64BigEndian(bytes[24..]); set => WriteUInt64BigEndian(bytes[24..], value); }
    public Span<byte> Mad => bytes.Slice(MadOffset, MadLength);
}
