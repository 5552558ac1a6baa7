using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>One range of an UNMAP parameter list. SBC-3 §5.28.2.</summary>
public readonly record struct UnmapDescriptor(ulong Lba, uint Blocks)
{
    public const int Length = 16;

    public static bool TryRead(ReadOnlySpan<byte> source, out UnmapDescriptor descriptor)
    {
        descriptor = default;
        if (source.Length < Length) return false;
        descriptor = new(ReadUInt64BigEndian(source), ReadUInt32BigEndian(source[8..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt64BigEndian(target, Lba);
        WriteUInt32BigEndian(target[8..], Blocks);
        WriteUInt32BigEndian(target[12..], 0);
    }
}
