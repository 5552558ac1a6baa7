using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Answer of READ CAPACITY(10). SBC-3 §5.15.2.</summary>
/// <param name="LastLba">FFFFFFFFh: ask READ CAPACITY(16).</param>
/// <param name="BlockLength">Bytes.</param>
public readonly record struct ReadCapacity10Data(uint LastLba, uint BlockLength)
{
    public const int Length = 8;

    /// <summary>The answer for a medium of so many blocks.</summary>
    public static ReadCapacity10Data For(ulong blocks, uint blockLength) => new((uint)Math.Min(blocks - 1, uint.MaxValue), blockLength);

    public static bool TryRead(ReadOnlySpan<byte> source, out ReadCapacity10Data data)
    {
        data = default;
        if (source.Length < Length) return false;
        data = new(ReadUInt32BigEndian(source), ReadUInt32BigEndian(source[4..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt32BigEndian(target, LastLba);
        WriteUInt32BigEndian(target[4..], BlockLength);
    }
}
