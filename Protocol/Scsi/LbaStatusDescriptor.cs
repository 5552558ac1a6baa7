using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>One run of blocks in the answer of GET LBA STATUS. SBC-3 §5.6.2.</summary>
/// <param name="Status">0 mapped, 1 deallocated, 2 anchored.</param>
public readonly record struct LbaStatusDescriptor(ulong Lba, uint Blocks, byte Status)
{
    public const int Length = 16;
    /// <summary>Bytes before the first descriptor: 0 length of what follows byte 3, 4 reserved.</summary>
    public const int HeaderLength = 8;
    public const byte Mapped = 0, Deallocated = 1, Anchored = 2;

    public static bool TryRead(ReadOnlySpan<byte> source, out LbaStatusDescriptor descriptor)
    {
        descriptor = default;
        if (source.Length < Length) return false;
        descriptor = new(ReadUInt64BigEndian(source), ReadUInt32BigEndian(source[8..]), (byte)(source[12] & 0x0F));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt64BigEndian(target, Lba);
        WriteUInt32BigEndian(target[8..], Blocks);
        WriteUInt32BigEndian(target[12..], (uint)(Status & 0x0F) << 24);
    }

    public static void WriteHeader(Span<byte> target, int descriptors)
    {
        WriteUInt32BigEndian(target, (uint)(4 + descriptors * Length));
        WriteUInt32BigEndian(target[4..], 0);
    }

    /// <summary>How many whole descriptors of an answer are here.</summary>
    public static int Count(ReadOnlySpan<byte> source) => source.Length < HeaderLength
        ? 0
        : (int)Math.Min(Math.Max(ReadUInt32BigEndian(source), 4) - 4, (uint)(source.Length - HeaderLength)) / Length;
}
