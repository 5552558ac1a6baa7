using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Standard INQUIRY data: who the logical unit is. SPC-4 §6.6.2.</summary>
/// <param name="Qualifier">0 a unit is there, 1 could be, 3 never will (with type 1Fh: byte 0 is 7Fh).</param>
/// <param name="DeviceType">0 disk, 1Fh unknown.</param>
/// <param name="Version">5 SPC-3, 6 SPC-4, 7 SPC-5.</param>
/// <param name="PortGroups">TPGS: 0 none, 1 implicit, 2 explicit, 3 both.</param>
// 0 qualifier:3 type:5 | 1 RMB:1 | 2 version | 3 NORMACA HISUP format:4 | 4 additional length | 5 SCCS TPGS:2 3PC PROTECT | 6 MULTIP
// 7 CMDQUE | 8 vendor:8 bytes | 16 product:16 | 32 revision:4 | 58 version descriptors 8 x 16 bit | to 96
public readonly record struct InquiryData(
    byte Qualifier = 0, byte DeviceType = 0, byte Version = 6, string Vendor = "", string Product = "", string Revision = "",
    bool IsRemovable = false, int PortGroups = 0, bool IsThirdPartyCopy = false, bool IsProtected = false, bool IsQueued = true,
    ulong VersionsHigh = 0, ulong VersionsLow = 0)
{
    public const int Length = 96;
    /// <summary>What every initiator asks for first.</summary>
    public const int MinLength = 36;
    /// <summary>Byte 0 for a logical unit number that has nothing behind it. SPC-4 §6.6.2.</summary>
    public const byte AbsentUnit = 0x7F;

    /// <summary>Reads 36 bytes or more; missing version descriptors are zero.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out InquiryData data)
    {
        data = default;
        if (source.Length < MinLength) return false;
        Span<byte> versions = stackalloc byte[16];
        versions.Clear();
        if (source.Length > 58) source[58..Math.Min(source.Length, 74)].CopyTo(versions);
        data = new((byte)(source[0] >> 5), (byte)(source[0] & 0x1F), source[2], ScsiText.Read(source[8..16]), ScsiText.Read(source[16..32]),
            ScsiText.Read(source[32..36]), (source[1] & 0x80) != 0, source[5] >> 4 & 3, (source[5] & 0x08) != 0, (source[5] & 0x01) != 0,
            (source[7] & 0x02) != 0, ReadUInt64BigEndian(versions), ReadUInt64BigEndian(versions[8..]));
        return true;
    }

    /// <summary>Writes all 96 bytes.</summary>
    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)(Qualifier << 5 | DeviceType & 0x1F);
        target[1] = (byte)(IsRemovable ? 0x80 : 0);
        (target[2], target[3], target[4]) = (Version, 0x12, Length - 5); // HISUP: REPORT LUNS numbers are hierarchical; format 2
        target[5] = (byte)(PortGroups << 4 | (IsThirdPartyCopy ? 0x08 : 0) | (IsProtected ? 0x01 : 0));
        target[7] = (byte)(IsQueued ? 0x02 : 0);
        ScsiText.Write(target[8..16], Vendor);
        ScsiText.Write(target[16..32], Product);
        ScsiText.Write(target[32..36], Revision);
        WriteUInt64BigEndian(target[58..], VersionsHigh);
        WriteUInt64BigEndian(target[66..], VersionsLow);
    }

    /// <summary>Packs up to four version descriptors into one of the two fields.</summary>
    public static ulong Versions(ushort first, ushort second = 0, ushort third = 0, ushort fourth = 0) =>
        (ulong)first << 48 | (ulong)second << 32 | (ulong)third << 16 | fourth;

    public override string ToString() =>
        Qualifier == 3 ? "no such unit" : $"{Vendor} {Product} {Revision} type {DeviceType:x2} version {Version}{(IsRemovable ? " removable" : "")}";
}
