using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>What an I/O controller is. IBA Vol 1 §16.3.3.4; SRP r16a annex B for its numbers.</summary>
/// <param name="SendSize">Longest message to the controller, bytes.</param>
/// <param name="RdmaSize">Longest RDMA transfer, bytes.</param>
/// <param name="Operations">Bits: 0x01 send to it, 0x02 send from it, 0x04 RDMA read to, 0x08 from, 0x10 RDMA write to, 0x20 from.</param>
/// <param name="Id">Text, at most 64 bytes.</param>
public sealed record IoControllerProfile(
    Guid64 Guid, uint VendorId, uint DeviceId, ushort DeviceVersion, uint SubsystemVendorId, uint SubsystemId, ushort IoClass, ushort IoSubclass, ushort Protocol,
    ushort ProtocolVersion, ushort SendQueueDepth, byte RdmaReadDepth, uint SendSize, uint RdmaSize, byte Operations, byte Services, byte EntryCount, string Id)
{
    public const int Length = 128;
    /// <summary>SRP of revision 16a, and of revision 10.</summary>
    public const ushort SrpClass = 0x0100, SrpRev10Class = 0xFF00;
    public const ushort SrpSubclass = 0x609E, SrpProtocol = 0x0108;
    private const int IdLength = 64;

    // 0 GUID:64 | 8 VendorID:24 | 12 DeviceID:32 | 16 DeviceVersion:16 | 20 SubsysVendor:24 | 24 SubsysID:32 | 28 IOClass:16 | 30 IOSubclass:16
    // 32 Protocol:16 | 34 ProtocolVersion:16 | 40 SendQueueDepth:16 | 43 RDMAReadDepth | 44 SendSize:32 | 48 RDMASize:32 | 52 operations
    // 53 services | 54 entries | 64 ID, 64 bytes
    public bool IsSrp => IoSubclass == SrpSubclass && Protocol == SrpProtocol && IoClass is SrpClass or SrpRev10Class;

    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out IoControllerProfile? profile)
    {
        profile = null;
        if (source.Length < Length) return false;
        profile = new(
            new(BinaryPrimitives.ReadUInt64BigEndian(source)), BinaryPrimitives.ReadUInt32BigEndian(source[8..]) >> 8, BinaryPrimitives.ReadUInt32BigEndian(source[12..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[16..]), BinaryPrimitives.ReadUInt32BigEndian(source[20..]) >> 8, BinaryPrimitives.ReadUInt32BigEndian(source[24..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[28..]), BinaryPrimitives.ReadUInt16BigEndian(source[30..]), BinaryPrimitives.ReadUInt16BigEndian(source[32..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[34..]), BinaryPrimitives.ReadUInt16BigEndian(source[40..]), source[43],
            BinaryPrimitives.ReadUInt32BigEndian(source[44..]), BinaryPrimitives.ReadUInt32BigEndian(source[48..]), source[52], source[53], source[54],
            MadText.Read(source.Slice(64, IdLength)));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(target, Guid.Value);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], VendorId << 8);
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], DeviceId);
        BinaryPrimitives.WriteUInt16BigEndian(target[16..], DeviceVersion);
        BinaryPrimitives.WriteUInt32BigEndian(target[20..], SubsystemVendorId << 8);
        BinaryPrimitives.WriteUInt32BigEndian(target[24..], SubsystemId);
        BinaryPrimitives.WriteUInt16BigEndian(target[28..], IoClass);
        BinaryPrimitives.WriteUInt16BigEndian(target[30..], IoSubclass);
        BinaryPrimitives.WriteUInt16BigEndian(target[32..], Protocol);
        BinaryPrimitives.WriteUInt16BigEndian(target[34..], ProtocolVersion);
        BinaryPrimitives.WriteUInt16BigEndian(target[40..], SendQueueDepth);
        target[43] = RdmaReadDepth;
        BinaryPrimitives.WriteUInt32BigEndian(target[44..], SendSize);
        BinaryPrimitives.WriteUInt32BigEndian(target[48..], RdmaSize);
        (target[52], target[53], target[54]) = (Operations, Services, EntryCount);
        MadText.Write(target.Slice(64, IdLength), Id);
    }
}
