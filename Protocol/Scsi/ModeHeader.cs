using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Head of a mode parameter list, in the form of the 6- or the 10-byte commands. SPC-4 §7.5.5.</summary>
/// <param name="DataLength">Bytes that follow the length field; reserved (0) in MODE SELECT.</param>
/// <param name="Specific">Of a disk: WP and DPOFUA. SBC-3 §6.5.1.</param>
/// <param name="IsLongLba">Block descriptors of 16 bytes; only in the 10-byte form.</param>
// 6: 0 length | 1 medium | 2 specific | 3 descriptor bytes      10: 0 length:16 | 2 medium | 3 specific | 4 LONGLBA:1 | 6 descriptor bytes:16
public readonly record struct ModeHeader(ushort DataLength, byte MediumType, byte Specific, ushort DescriptorLength, bool IsLongLba = false)
{
    public const int Length6 = 4, Length10 = 8;
    public const byte WriteProtected = 0x80, DpoFua = 0x10;

    public bool IsWriteProtected => (Specific & WriteProtected) != 0;
    public bool HasDpoFua => (Specific & DpoFua) != 0;

    public static int Length(bool ten) => ten ? Length10 : Length6;

    public static bool TryRead(ReadOnlySpan<byte> source, bool ten, out ModeHeader header)
    {
        header = default;
        if (source.Length < Length(ten)) return false;
        header = ten
            ? new(ReadUInt16BigEndian(source), source[2], source[3], ReadUInt16BigEndian(source[6..]), (source[4] & 1) != 0)
            : new(source[0], source[1], source[2], source[3]);
        return true;
    }

    public void Write(Span<byte> target, bool ten)
    {
        if (ten)
        {
            target[..Length10].Clear();
            WriteUInt16BigEndian(target, DataLength);
            (target[2], target[3], target[4]) = (MediumType, Specific, (byte)(IsLongLba ? 1 : 0));
            WriteUInt16BigEndian(target[6..], DescriptorLength);
        }
        else (target[0], target[1], target[2], target[3]) = ((byte)DataLength, MediumType, Specific, (byte)DescriptorLength);
    }
}
