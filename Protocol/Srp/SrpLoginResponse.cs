using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>SRP_LOGIN_RSP: 52 bytes in the private data of a CM REP. SRP r16a §6.3.</summary>
/// <param name="RequestLimitDelta">The initial request limit.</param>
public readonly record struct SrpLoginResponse(
    int RequestLimitDelta, ulong Tag, uint MaxInitiatorToTargetLength, uint MaxTargetToInitiatorLength, SrpBufferFormats Formats, byte Flags)
{
    public const int Length = 52;
    public const byte ImmediateDataFlag = 0x80;

    // 0 opcode | 4 limit delta:32 | 8 tag:64 | 16 I->T length:32 | 20 T->I length:32 | 24 formats:16 | 26 flags | 27..51 reserved
    public bool SupportsImmediateData => (Flags & ImmediateDataFlag) != 0;

    public static bool TryRead(ReadOnlySpan<byte> source, out SrpLoginResponse response)
    {
        response = default;
        if (source.Length < Length || source[0] != (byte)SrpOpcode.LoginResponse) return false;
        response = new(BinaryPrimitives.ReadInt32BigEndian(source[4..]), BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]), BinaryPrimitives.ReadUInt32BigEndian(source[20..]),
            (SrpBufferFormats)BinaryPrimitives.ReadUInt16BigEndian(source[24..]), source[26]);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)SrpOpcode.LoginResponse;
        BinaryPrimitives.WriteInt32BigEndian(target[4..], RequestLimitDelta);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Tag);
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], MaxInitiatorToTargetLength);
        BinaryPrimitives.WriteUInt32BigEndian(target[20..], MaxTargetToInitiatorLength);
        BinaryPrimitives.WriteUInt16BigEndian(target[24..], (ushort)Formats);
        target[26] = Flags;
    }
}
