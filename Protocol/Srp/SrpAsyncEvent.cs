using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>The fixed part of SRP_AER_REQ: 36 bytes, then sense data. SRP r16a §6.13.</summary>
public readonly record struct SrpAsyncEvent(byte SolicitedNotification, int RequestLimitDelta, ulong Tag, ulong Lun, uint SenseLength)
{
    public const int Length = 36;

    // 0 opcode | 1 sol_not | 4 limit delta:32 | 8 tag:64 | 20 LUN:64 | 28 sense length:32
    public static bool TryRead(ReadOnlySpan<byte> source, out SrpAsyncEvent asyncEvent)
    {
        asyncEvent = default;
        if (source.Length < Length || source[0] != (byte)SrpOpcode.AsyncEventRequest) return false;
        var sense = BinaryPrimitives.ReadUInt32BigEndian(source[28..]);
        if (sense > (uint)(source.Length - Length)) return false;
        asyncEvent = new(source[1], BinaryPrimitives.ReadInt32BigEndian(source[4..]), BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[20..]), sense);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)SrpOpcode.AsyncEventRequest;
        target[1] = SolicitedNotification;
        BinaryPrimitives.WriteInt32BigEndian(target[4..], RequestLimitDelta);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Tag);
        BinaryPrimitives.WriteUInt64BigEndian(target[20..], Lun);
        BinaryPrimitives.WriteUInt32BigEndian(target[28..], SenseLength);
    }
}
