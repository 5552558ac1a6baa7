using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Answer of READ CAPACITY(16). SBC-3 §5.16.2.</summary>
/// <param name="PhysicalExponent">LBPPBE: a physical block is 2^n logical ones, 0..15.</param>
/// <param name="IsThin">LBPME: logical block provisioning management.</param>
/// <param name="ReadsZeros">LBPRZ.</param>
/// <param name="LowestAligned">First logical block at the start of a physical one, 0..16383.</param>
// 0 last LBA:64 | 8 block length:32 | 12 P_TYPE:3 PROT_EN | 13 P_I_EXPONENT:4 LBPPBE:4 | 14 LBPME LBPRZ lowest aligned:14
public readonly record struct ReadCapacity16Data(
    ulong LastLba, uint BlockLength, byte PhysicalExponent = 0, bool IsThin = false, bool ReadsZeros = false, ushort LowestAligned = 0,
    bool IsProtected = false)
{
    public const int Length = 32;
    /// <summary>Bytes that hold fields; the rest is reserved.</summary>
    public const int MinLength = 16;

    public static bool TryRead(ReadOnlySpan<byte> source, out ReadCapacity16Data data)
    {
        data = default;
        if (source.Length < MinLength) return false;
        data = new(ReadUInt64BigEndian(source), ReadUInt32BigEndian(source[8..]), (byte)(source[13] & 0x0F), (source[14] & 0x80) != 0,
            (source[14] & 0x40) != 0, (ushort)(ReadUInt16BigEndian(source[14..]) & 0x3FFF), (source[12] & 1) != 0);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        WriteUInt64BigEndian(target, LastLba);
        WriteUInt32BigEndian(target[8..], BlockLength);
        (target[12], target[13]) = ((byte)(IsProtected ? 1 : 0), (byte)(PhysicalExponent & 0x0F));
        WriteUInt16BigEndian(target[14..], (ushort)((IsThin ? 0x8000 : 0) | (ReadsZeros ? 0x4000 : 0) | LowestAligned & 0x3FFF));
    }
}
