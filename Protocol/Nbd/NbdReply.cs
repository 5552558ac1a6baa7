using System.Buffers.Binary;

namespace Weft.Protocol.Nbd;

/// <summary>Simple reply; the data of a READ that went well follows it. NBD protocol, "Simple reply message".</summary>
// 0 magic:32 | 4 error:32 | 8 cookie:64
public readonly record struct NbdReply(NbdError Error, ulong Cookie)
{
    public const int HeaderLength = 16;
    public const uint Magic = 0x6744_6698;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdReply reply)
    {
        reply = default;
        if (source.Length < HeaderLength || BinaryPrimitives.ReadUInt32BigEndian(source) != Magic) return false;
        reply = new((NbdError)BinaryPrimitives.ReadUInt32BigEndian(source[4..]), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, Magic);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], (uint)Error);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Cookie);
    }
}
