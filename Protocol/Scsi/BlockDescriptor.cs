using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Block descriptor of a mode parameter list: the medium's size, short (8 bytes) or long (16). SBC-3 §6.5.2.</summary>
// short: 0 blocks:32 | 5 block length:24      long: 0 blocks:64 | 12 block length:32
public readonly record struct BlockDescriptor(ulong Blocks, uint BlockLength)
{
    public const int ShortLength = 8, LongLength = 16;

    public static bool TryRead(ReadOnlySpan<byte> source, bool isLong, out BlockDescriptor descriptor)
    {
        descriptor = default;
        if (source.Length < (isLong ? LongLength : ShortLength)) return false;
        descriptor = isLong
            ? new(ReadUInt64BigEndian(source), ReadUInt32BigEndian(source[12..]))
            : new(ReadUInt32BigEndian(source), ReadUInt32BigEndian(source[4..]) & 0xFF_FFFF);
        return true;
    }

    /// <summary>A count that does not fit the short form is written as FFFFFFFFh.</summary>
    public void Write(Span<byte> target, bool isLong)
    {
        if (isLong)
        {
            WriteUInt64BigEndian(target, Blocks);
            WriteUInt32BigEndian(target[8..], 0);
            WriteUInt32BigEndian(target[12..], BlockLength);
        }
        else
        {
            WriteUInt32BigEndian(target, (uint)Math.Min(Blocks, uint.MaxValue));
            WriteUInt32BigEndian(target[4..], BlockLength & 0xFF_FFFF);
        }
    }
}
