using System.Buffers.Binary;

namespace Weft.Protocol.Nbd;

/// <summary>Header of a request; the data of a WRITE follows it. NBD protocol, "Request message".</summary>
// 0 magic:32 | 4 flags:16 | 6 type:16 | 8 cookie:64 | 16 offset:64 | 24 length:32
public readonly record struct NbdRequest(NbdCommand Command, NbdCommandFlags Flags, ulong Cookie, ulong Offset, uint Length)
{
    public const int HeaderLength = 28;
    public const uint Magic = 0x2560_9513;

    public bool IsFua => (Flags & NbdCommandFlags.Fua) != 0;

    /// <summary>False when the magic is wrong: the stream cannot be followed any further.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out NbdRequest request)
    {
        request = default;
        if (source.Length < HeaderLength || BinaryPrimitives.ReadUInt32BigEndian(source) != Magic) return false;
        request = new((NbdCommand)BinaryPrimitives.ReadUInt16BigEndian(source[6..]), (NbdCommandFlags)BinaryPrimitives.ReadUInt16BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]), BinaryPrimitives.ReadUInt64BigEndian(source[16..]), BinaryPrimitives.ReadUInt32BigEndian(source[24..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, Magic);
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)Command);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Cookie);
        BinaryPrimitives.WriteUInt64BigEndian(target[16..], Offset);
        BinaryPrimitives.WriteUInt32BigEndian(target[24..], Length);
    }
}
